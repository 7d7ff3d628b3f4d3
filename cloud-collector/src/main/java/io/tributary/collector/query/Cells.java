package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesSlice;
import io.tributary.collector.storage.SeriesStats;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All functions over all windows of one group of series. */
final class Cells {
    private final AggregateQuery query;
    private final Windows windows;
    private final Accumulator[] accumulators;
    private final boolean takesStats;
    private final long[] counts;
    private double[] scratch = {};

    Cells(AggregateQuery query, Windows windows) {
        this.query = query;
        this.windows = windows;
        List<AggregateFunction> functions = query.functions();
        accumulators = new Accumulator[functions.size()];
        boolean all = query.axis() == Axis.EVENT;
        for (int i = 0; i < accumulators.length; i++) {
            accumulators[i] = functions.get(i).accumulator(windows.count());
            all &= accumulators[i].takesStats();
        }
        takesStats = all;
        counts = new long[windows.count()];
    }

    /** True when the block's header was enough. */
    boolean addStats(@Nullable SeriesStats stats, ValueType type) {
        if (!takesStats
                || stats == null
                || !query.range().contains(stats.firstTime())
                || !query.range().contains(stats.lastTime())) {
            return false;
        }
        int window = windows.indexOf(stats.firstTime());
        if (stats.lastTime() >= windows.end(window)) {
            return false;
        }
        counts[window] += stats.count();
        for (Accumulator accumulator : accumulators) {
            if (type == ValueType.STRING) {
                accumulator.addTexts(window, Math.toIntExact(stats.count()));
            } else {
                accumulator.addStats(window, stats);
            }
        }
        return true;
    }

    void addSlice(SeriesSlice slice) {
        long[] times = query.axis().times(slice);
        double[] values = slice.values().type() == ValueType.STRING ? scratch : numbers(slice);
        int row = 0;
        while (row < slice.size()) {
            if (!query.range().contains(times[row])) {
                row++;
                continue;
            }
            int window = windows.indexOf(times[row]);
            long start = Math.max(windows.start(window), query.range().fromNs());
            long end = Math.min(windows.end(window), query.range().toNs());
            int next = row + 1;
            while (next < slice.size() && times[next] >= start && times[next] < end) {
                next++;
            }
            counts[window] += next - row;
            for (Accumulator accumulator : accumulators) {
                if (slice.values().type() == ValueType.STRING) {
                    accumulator.addTexts(window, next - row);
                } else {
                    accumulator.addRun(window, slice.eventTimes(), values, row, next);
                }
            }
            row = next;
        }
    }

    private double[] numbers(SeriesSlice slice) {
        Column column = slice.values();
        if (column.type() == ValueType.DOUBLE) {
            return column.doubles();
        }
        if (scratch.length < slice.size()) {
            scratch = new double[slice.size()];
        }
        long[] longs = column.longs();
        for (int i = 0; i < slice.size(); i++) {
            scratch[i] = longs[i];
        }
        return scratch;
    }

    void endSeries() {
        for (Accumulator accumulator : accumulators) {
            accumulator.endSeries();
        }
    }

    boolean isEmpty() {
        for (long count : counts) {
            if (count > 0) {
                return false;
            }
        }
        return true;
    }

    void emit(WindowSink sink) throws IOException {
        double[][] results = new double[accumulators.length][];
        for (int i = 0; i < accumulators.length; i++) {
            results[i] = new double[windows.count()];
            for (int window = 0; window < windows.count(); window++) {
                results[i][window] = accumulators[i].result(window);
            }
            query.fill().apply(results[i], windows);
        }
        double[] values = new double[accumulators.length];
        for (int window = 0; window < windows.count(); window++) {
            if (counts[window] == 0 && query.fill() == Fill.NONE) {
                continue;
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = results[i][window];
            }
            sink.window(windows.start(window), values);
        }
    }
}
