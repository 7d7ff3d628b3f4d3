package io.tributary.collector.http;

import io.tributary.collector.query.ReadingRow;
import io.tributary.http.JsonWriter;
import io.tributary.http.TextOutput;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Readings in the asked format. */
interface ReadingsOutput {
    void row(ReadingRow row) throws IOException;

    /** @param next the token of the next page; null when there is none */
    void end(@Nullable String next) throws IOException;

    /** Bytes written so far. */
    long bytes();

    /** Begins an answer. */
    static ReadingsOutput of(Format format, OutputStream body) throws IOException {
        TextOutput out = new TextOutput(body);
        return switch (format) {
            case JSON -> new Json(out);
            case NDJSON -> new Ndjson(out);
            case CSV -> new Csv(out);
            case TABLE -> new TableOutput(out);
        };
    }

    /** {@code {"readings":[...],"next":"..."}}, a reading per line. */
    final class Json implements ReadingsOutput {
        private final JsonWriter json;

        Json(TextOutput out) throws IOException {
            json = new JsonWriter(out);
            json.beginObject().name("readings").beginArray();
        }

        @Override
        public void row(ReadingRow row) throws IOException {
            json.breakLine();
            reading(json, row);
        }

        @Override
        public void end(@Nullable String next) throws IOException {
            json.endArray();
            if (next != null) {
                json.name("next").value(next);
            }
            json.endObject().newline().flush();
        }

        @Override
        public long bytes() {
            return json.output().bytes();
        }

        static void reading(JsonWriter json, ReadingRow row) throws IOException {
            json.beginObject();
            json.name("device").value(row.device());
            json.name("channel").value(row.channel().name());
            ApiJson.time(json, "event_time", row.eventTimeNs());
            ApiJson.time(json, "edge_time", row.edgeTimeNs());
            ApiJson.time(json, "collector_time", row.collectorTimeNs());
            json.name("value");
            switch (row.channel().type()) {
                case DOUBLE -> json.value(row.doubleValue());
                case LONG -> json.value(row.longValue());
                case BOOL -> json.value(row.boolValue());
                case STRING -> json.value(row.stringValue());
            }
            json.name("quality").value(Quality.severity(row.quality()));
            if (row.quality() != Quality.GOOD) {
                json.name("quality_code").value(row.quality());
            }
            json.name("type").value(word(row.channel().type()));
            if (!row.channel().unit().isEmpty()) {
                json.name("unit").value(row.channel().unit());
            }
            json.endObject();
        }
    }

    /** A reading per line, nothing else. */
    final class Ndjson implements ReadingsOutput {
        private final JsonWriter json;

        Ndjson(TextOutput out) {
            json = new JsonWriter(out);
        }

        @Override
        public void row(ReadingRow row) throws IOException {
            Json.reading(json, row);
            json.newline();
        }

        @Override
        public void end(@Nullable String next) throws IOException {
            json.flush();
        }

        @Override
        public long bytes() {
            return json.output().bytes();
        }
    }

    /** A line of names, then a reading per line. */
    final class Csv implements ReadingsOutput {
        private final TextOutput out;
        private final CsvOutput csv;

        Csv(TextOutput out) throws IOException {
            this.out = out;
            this.csv = new CsvOutput(out);
            out.ascii("device,channel,event_time,edge_time,collector_time,value,quality,unit\n");
        }

        @Override
        public void row(ReadingRow row) throws IOException {
            csv.text(row.device());
            csv.text(row.channel().name());
            csv.time(row.eventTimeNs());
            csv.time(row.edgeTimeNs());
            csv.time(row.collectorTimeNs());
            switch (row.channel().type()) {
                case DOUBLE -> csv.number(row.doubleValue());
                case LONG -> csv.number(row.longValue());
                case BOOL -> csv.text(row.boolValue() ? "true" : "false");
                case STRING -> csv.text(row.stringValue());
            }
            csv.text(Quality.severity(row.quality()));
            csv.text(row.channel().unit());
            csv.endLine();
        }

        @Override
        public void end(@Nullable String next) throws IOException {
            out.flush();
        }

        @Override
        public long bytes() {
            return out.bytes();
        }
    }

    /** {@code double}: types as the API writes them. */
    static String word(ValueType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
