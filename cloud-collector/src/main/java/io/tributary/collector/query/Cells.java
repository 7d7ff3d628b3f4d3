package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesSlice;
import io.tributary.collector.storage.SeriesStats;
import io.tributary.collector.storage.StatsRows;
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
    private final KeptValues kept;
    private final boolean wantsPrior;
    private double[] scratch = {};

    Cells(AggregateQuery query, Windows windows, QueryRun run) {
        this.query = query;
        this.windows = windows;
        List<AggregateFunction> functions = query.functions();
        accumulators = new Accumulator[functions.size()];
        boolean all = query.axis() == Axis.EVENT;
        boolean prior = false;
        Accumulation shared = new Accumulation(query, windows, run);
        kept = shared.kept();
        for (int i = 0; i < accumulators.length; i++) {
            accumulators[i] = functions.get(i).accumulator(shared);
            all &= accumulators[i].takesStats();
            prior |= accumulators[i].wantsPrior();
        }
        takesStats = all;
        wantsPrior = prior;
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

    /** Whether {@link #addStats} and {@link #addRows} are enough for every function. */
    boolean takesStats() {
        return takesStats;
    }

    /** Statistics of windows that lie within these. */
    void addRows(StatsRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            int window = windows.indexOf(rows.windowStart(row));
            SeriesStats stats = rows.numbers(row);
            int others = Math.toIntExact(rows.others(row));
            counts[window] += stats.count() + others;
            for (Accumulator accumulator : accumulators) {
                if (stats.count() > 0) {
                    accumulator.addStats(window, stats);
                }
                if (others > 0) {
                    accumulator.addTexts(window, others);
                }
            }
        }
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
            if (query.axis() == Axis.EVENT) { // times ascend
                next = firstFrom(times, next, slice.size(), end);
            } else {
                while (next < slice.size() && times[next] >= start && times[next] < end) {
                    next++;
                }
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

    /** The first index from {@code from} on with a time of at least {@code end}: in steps that double, then halve. */
    private static int firstFrom(long[] times, int from, int size, long end) {
        int low = from;
        int step = 8;
        while (low + step < size && times[low + step] < end) {
            low += step;
            step <<= 1;
        }
        int high = Math.min(size, low + step);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times[middle] < end) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
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

    /**
     * Tells the last value before the asked range.
     *
     * @return false when the slice has no number
     */
    boolean prime(SeriesSlice slice) {
        if (slice.values().type() == ValueType.STRING) {
            return false;
        }
        double[] values = numbers(slice);
        for (int row = slice.size() - 1; row >= 0; row--) {
            if (!Double.isNaN(values[row])) {
                for (Accumulator accumulator : accumulators) {
                    accumulator.prime(slice.eventTimes()[row], values[row]);
                }
                return true;
            }
        }
        return false;
    }

    void endSeries() {
        for (Accumulator accumulator : accumulators) {
            accumulator.endSeries();
        }
    }

    boolean wantsPrior() {
        return wantsPrior;
    }

    /** Instead of {@link #emit}. */
    void discard() {
        kept.release();
    }

    boolean isEmpty() {
        for (long count : counts) {
            if (count > 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Gives out the windows that have something to say.
     *
     * @param behindNs only windows behind the one that begins here, in the order of the query; null for all
     * @return false when the output took no more
     */
    boolean emit(Output output, @Nullable Long behindNs) throws IOException {
        double[][] results = new double[accumulators.length][];
        for (int i = 0; i < accumulators.length; i++) {
            results[i] = new double[windows.count()];
            for (int window = 0; window < windows.count(); window++) {
                results[i][window] = accumulators[i].result(window);
            }
            query.fill().apply(results[i], windows);
        }
        kept.release();
        double[] values = new double[accumulators.length];
        for (int step = 0; step < windows.count(); step++) {
            int window = query.ascending() ? step : windows.count() - 1 - step;
            long start = windows.start(window);
            boolean shown = behindNs != null && (query.ascending() ? start <= behindNs : start >= behindNs);
            if (shown || counts[window] == 0 && query.fill() == Fill.NONE) {
                continue;
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = results[i][window];
            }
            if (!output.window(start, values)) {
                return false;
            }
        }
        return true;
    }

    /** Takes windows. */
    interface Output {
        /** @return false when it did not take the window, and wants no more */
        boolean window(long startNs, double[] values) throws IOException;
    }
}
