package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Waiting;
import io.tributary.collector.storage.LifecycleOptions;
import io.tributary.collector.storage.ReadingReader;
import io.tributary.collector.storage.TestEngine;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.model.Batch;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** A store with buckets of a minute that one agent fills, and answers as text, to be compared with those of another way. */
final class QueryFixture implements AutoCloseable {
    static final long SECOND = 1_000_000_000L;
    private static final int FOLD_FRAGMENTS = 3;

    final TimeSeriesEngine store;
    private long sequence;

    QueryFixture(Path directory, int partitions, LifecycleOptions lifecycle, Instant now) throws IOException {
        store = TimeSeriesEngine.open(
                directory,
                TestEngine.options(partitions, FOLD_FRAGMENTS),
                lifecycle,
                () -> now,
                new PrometheusRegistry());
    }

    /** Asks the store. */
    QueryEngine engine() {
        return engine(store.reader());
    }

    QueryEngine engine(ReadingReader reader) {
        return new QueryEngine(
                reader, store.catalog(), QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry());
    }

    /** @return the collector time */
    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    long append(Batch batch) {
        Waiting durable = new Waiting();
        Append append =
                new Append(new Origin("agent", 1), sequence, batch.readingCount(), batch, null, null, List.of());
        boolean taken = store.writer().append(append, durable);
        assertThat(taken).isTrue();
        sequence += batch.readingCount();
        return durable.join();
    }

    /** Everything of a row; doubles by their bits. */
    static String shown(ReadingRow row) {
        String value = row.channel().type() == ValueType.STRING ? row.stringValue() : Long.toHexString(row.longValue());
        return row.device() + " " + row.channel() + " " + row.eventTimeNs() + " " + row.edgeTimeNs() + " "
                + row.collectorTimeNs() + " " + value + " " + row.quality();
    }

    /** A line for each series and window. */
    static List<String> windows(QueryEngine engine, AggregateQuery query, QueryRun run, DoubleFunction<String> number)
            throws IOException {
        List<String> windows = new ArrayList<>();
        engine.aggregate(query, run, new WindowSink() {
            @Override
            public void beginSeries(@Nullable String group, String channel, String unit) {
                windows.add(group + " " + channel + " " + unit);
            }

            @Override
            public boolean window(long startNs, double[] values) {
                StringBuilder line = new StringBuilder().append(startNs);
                for (double value : values) {
                    line.append(' ').append(number.apply(value));
                }
                return windows.add(line.toString());
            }

            @Override
            public void endSeries() {}
        });
        return windows;
    }

    @Override
    public void close() {
        store.close();
    }
}
