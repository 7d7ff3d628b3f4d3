package io.tributary.agent.source;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.agent.clock.Clock;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sources as a configuration asks for them, for tests. */
public final class Contexts {
    private Contexts() {}

    public static SourceContext context(Intake intake, Clock clock, Path directory, PrometheusRegistry registry) {
        return new SourceContext(
                "agent", intake, clock, new SplittableRandom(1), directory, SourceGuard.NONE, registry);
    }

    /** A configuration of this type: its keys, one per line. */
    public static <C extends Record & SourceConfig> C config(Class<C> type, String yaml) throws Exception {
        return ConfigReader.parse(yaml, "test", type);
    }

    /** Sum over all labels of a counter. */
    public static double sum(PrometheusRegistry registry, String name) {
        double sum = 0;
        for (MetricSnapshot snapshot : registry.scrape(name::startsWith)) {
            if (snapshot instanceof CounterSnapshot counter) {
                sum += counter.getDataPoints().stream()
                        .mapToDouble(point -> point.getValue())
                        .sum();
            }
        }
        return sum;
    }

    /** {@code device channel@time=number}, in the order of sequences. */
    public static List<String> shown(List<Batch> batches) {
        List<String> shown = new ArrayList<>();
        for (Batch batch : batches) {
            for (Table table : batch.tables()) {
                int[] next = new int[table.columns().length];
                int row = 0;
                for (int run = 0; run < table.runDevice().length; run++) {
                    String device = batch.devices().get(table.runDevice()[run]).id();
                    for (int end = row + table.runLength()[run]; row < end; row++) {
                        for (int i = 0; i < next.length; i++) {
                            Column column = table.columns()[i];
                            if (column.isPresent(row)) {
                                shown.add(device + " "
                                        + batch.channels()
                                                .get(table.channels()[i])
                                                .name() + "@"
                                        + table.eventTimes()[row] + "=" + value(column, next[i]++));
                            }
                        }
                    }
                }
            }
        }
        return shown;
    }

    private static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG, BOOL -> column.longs()[index];
            case STRING -> String.valueOf(column.strings()[index]);
        };
    }
}
