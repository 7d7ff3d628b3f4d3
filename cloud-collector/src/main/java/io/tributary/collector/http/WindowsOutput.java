package io.tributary.collector.http;

import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.QueryRun;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.TextOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Windows in the asked format. */
abstract class WindowsOutput {
    final TextOutput out;
    final AggregateQuery query;
    private @Nullable String group;
    private String channel = "";
    private String unit = "";

    WindowsOutput(TextOutput out, AggregateQuery query) {
        this.out = out;
        this.query = query;
    }

    /** Begins an answer. */
    static WindowsOutput of(Format format, AggregateQuery query, OutputStream body) throws IOException {
        TextOutput out = new TextOutput(body);
        return switch (format) {
            case JSON -> new Json(out, query);
            case NDJSON -> new Ndjson(out, query);
            case CSV -> new Csv(out, query);
            case TABLE -> throw ProblemException.badParameter("format", "table", "expected json, csv or ndjson");
        };
    }

    /**
     * @param next the token of the next page; null when there is none
     * @param explained null when the cost is not to be told
     */
    abstract void end(@Nullable String next, @Nullable QueryRun explained) throws IOException;

    abstract void window(long startNs, double[] values) throws IOException;

    void beginSeries(@Nullable String newGroup, String newChannel, String newUnit) throws IOException {
        group = newGroup;
        channel = newChannel;
        unit = newUnit;
    }

    void endSeries() throws IOException {}

    /** The members that name the series. */
    final void series(JsonWriter json) throws IOException {
        if (query.grouping().kind() == Grouping.Kind.DEVICE) {
            json.name("device").value(group);
        } else if (query.grouping().kind() == Grouping.Kind.TAG) {
            json.name("tags").beginObject();
            json.name(query.grouping().tag()).value(group).endObject();
        }
        json.name("channel").value(channel);
        if (!unit.isEmpty()) {
            json.name("unit").value(unit);
        }
    }

    final void values(JsonWriter json, long startNs, double[] values) throws IOException {
        if (startNs == Long.MIN_VALUE) {
            json.name("start").nullValue();
        } else {
            ApiJson.time(json, "start", startNs);
        }
        for (int i = 0; i < values.length; i++) {
            AggregateFunction function = query.functions().get(i);
            json.name(function.word());
            if (function.equals(AggregateFunction.COUNT)) {
                json.value((long) values[i]);
            } else if (Double.isNaN(values[i])) {
                json.nullValue();
            } else {
                json.value(values[i]);
            }
        }
    }

    /** {@code {"series":[{"device":...,"channel":...,"windows":[...]}]}}, a window per line. */
    private static final class Json extends WindowsOutput {
        private static final byte[] START = "{\"start\":\"".getBytes(StandardCharsets.US_ASCII);

        private final JsonWriter json;
        /** Of the functions, as they stand between values: windows are many. */
        private final byte[][] names;

        private final boolean[] isCount;

        Json(TextOutput out, AggregateQuery query) throws IOException {
            super(out, query);
            json = new JsonWriter(out);
            names = new byte[query.functions().size()][];
            isCount = new boolean[names.length];
            for (int i = 0; i < names.length; i++) {
                AggregateFunction function = query.functions().get(i);
                names[i] = (",\"" + function.word() + "\":").getBytes(StandardCharsets.US_ASCII);
                isCount[i] = function.equals(AggregateFunction.COUNT);
            }
            json.beginObject().name("series").beginArray();
        }

        @Override
        void beginSeries(@Nullable String group, String channel, String unit) throws IOException {
            super.beginSeries(group, channel, unit);
            json.breakLine().beginObject();
            series(json);
            json.name("windows").beginArray();
        }

        @Override
        void window(long startNs, double[] values) throws IOException {
            json.breakLine().beginRaw();
            if (startNs == Long.MIN_VALUE) {
                out.ascii("{\"start\":null");
            } else {
                out.bytes(START, START.length);
                ApiTime.write(out, startNs);
                out.ascii('"');
            }
            for (int i = 0; i < values.length; i++) {
                out.bytes(names[i], names[i].length);
                if (isCount[i]) {
                    out.number((long) values[i]);
                } else if (Double.isNaN(values[i])) {
                    out.ascii("null");
                } else if (Double.isInfinite(values[i])) {
                    new JsonWriter(out).value(values[i]);
                } else {
                    out.number(values[i]);
                }
            }
            out.ascii('}');
            json.endRaw();
        }

        @Override
        void endSeries() throws IOException {
            json.endArray().endObject();
        }

        @Override
        void end(@Nullable String next, @Nullable QueryRun explained) throws IOException {
            json.endArray();
            if (next != null) {
                json.name("next").value(next);
            }
            if (explained != null) {
                json.name("cost").beginObject();
                json.name("readings_decoded").value(explained.readings());
                json.name("blocks_decoded").value(explained.decodedSeries());
                json.name("blocks_from_statistics").value(explained.headers());
                json.name("blocks_ruled_out").value(explained.skippedSeries());
                json.endObject();
            }
            json.endObject().newline().flush();
        }
    }

    /** A window per line. */
    private static final class Ndjson extends WindowsOutput {
        private final JsonWriter json;

        Ndjson(TextOutput out, AggregateQuery query) {
            super(out, query);
            json = new JsonWriter(out);
        }

        @Override
        void window(long startNs, double[] values) throws IOException {
            json.beginObject();
            series(json);
            values(json, startNs, values);
            json.endObject().newline();
        }

        @Override
        void end(@Nullable String next, @Nullable QueryRun explained) throws IOException {
            json.flush();
        }
    }

    /** A line of names, then a window per line; what has no value is empty. */
    private static final class Csv extends WindowsOutput {
        private final CsvOutput csv;

        Csv(TextOutput out, AggregateQuery query) throws IOException {
            super(out, query);
            csv = new CsvOutput(out);
            if (query.grouping().kind() != Grouping.Kind.NONE) {
                csv.text(query.grouping().word());
            }
            csv.text("channel");
            csv.text("unit");
            csv.text("start");
            for (AggregateFunction function : query.functions()) {
                csv.text(function.word());
            }
            csv.endLine();
        }

        @Override
        void window(long startNs, double[] values) throws IOException {
            seriesFields(csv);
            if (startNs == Long.MIN_VALUE) {
                csv.empty();
            } else {
                csv.time(startNs);
            }
            for (int i = 0; i < values.length; i++) {
                if (query.functions().get(i).equals(AggregateFunction.COUNT)) {
                    csv.number((long) values[i]);
                } else if (Double.isNaN(values[i])) {
                    csv.empty();
                } else {
                    csv.number(values[i]);
                }
            }
            csv.endLine();
        }

        @Override
        void end(@Nullable String next, @Nullable QueryRun explained) throws IOException {
            out.flush();
        }
    }

    final void seriesFields(CsvOutput csv) throws IOException {
        if (query.grouping().kind() != Grouping.Kind.NONE) {
            csv.text(group == null ? "" : group);
        }
        csv.text(channel);
        csv.text(unit);
    }
}
