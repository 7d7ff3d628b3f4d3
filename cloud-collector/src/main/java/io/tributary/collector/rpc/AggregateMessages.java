package io.tributary.collector.rpc;

import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.WindowSink;
import io.tributary.proto.v1.AggregateColumn;
import io.tributary.proto.v1.AggregateSeries;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Windows as messages of at most {@link #WINDOWS_MAX} of one series. */
final class AggregateMessages implements WindowSink {
    /** Ten functions make 0.4 MB of it. */
    private static final int WINDOWS_MAX = 4096;

    private final AggregateQuery query;
    private final QueryRun run;
    private final Consumer<AggregateSeries> to;
    private final List<AggregateColumn.Builder> columns = new ArrayList<>();
    private AggregateSeries.Builder series = AggregateSeries.newBuilder();
    private AggregateSeries.@Nullable Builder pending;
    private @Nullable String group;
    private String channel = "";
    private String unit = "";
    private int windows;
    private long sentBytes;

    AggregateMessages(AggregateQuery query, QueryRun run, Consumer<AggregateSeries> to) {
        this.query = query;
        this.run = run;
        this.to = to;
    }

    @Override
    public void beginSeries(@Nullable String newGroup, String newChannel, String newUnit) {
        group = newGroup;
        channel = newChannel;
        unit = newUnit;
        begin();
    }

    private void begin() {
        series = AggregateSeries.newBuilder().setChannel(channel).setUnit(unit);
        if (group != null) {
            series.putGroup(
                    query.grouping().kind() == Grouping.Kind.DEVICE
                            ? "device"
                            : query.grouping().tag(),
                    group);
        }
        columns.clear();
        for (var function : query.functions()) {
            columns.add(AggregateColumn.newBuilder().setFunction(function.word()));
        }
        windows = 0;
    }

    @Override
    public boolean window(long startNs, double[] values) {
        if (windows == WINDOWS_MAX) {
            finish();
            begin();
        }
        series.addWindowStartNs(startNs);
        for (int i = 0; i < values.length; i++) {
            boolean absent = Double.isNaN(values[i]);
            columns.get(i).addValues(absent ? 0 : values[i]);
            if (absent) {
                columns.get(i).addNulls(windows);
            }
        }
        windows++;
        return true;
    }

    @Override
    public void endSeries() {
        finish();
    }

    /** One message is kept back, so that there is a last one to carry {@code next}. */
    private void finish() {
        for (AggregateColumn.Builder column : columns) {
            series.addColumns(column);
        }
        send(null);
        pending = series;
    }

    /** @param next the token of the next page; null when there is none */
    void end(@Nullable String next) {
        send(next);
    }

    private void send(@Nullable String next) {
        AggregateSeries.Builder kept = pending;
        pending = null;
        if (kept == null) {
            return;
        }
        if (next != null) {
            kept.setNext(next);
        }
        AggregateSeries message = kept.build();
        sentBytes += message.getSerializedSize();
        run.written(sentBytes);
        to.accept(message);
    }
}
