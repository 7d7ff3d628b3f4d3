package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.util.Arrays;

/** The rollup rows of one series, ascending by window; grows at its end. Not thread-safe. */
final class RollupSeries implements StatsRows {
    final Channel channel;
    final long everyNs;
    int size;
    /** Numbers of windows since 1970. */
    long[] windows = new long[8];

    long[] counts = new long[8];
    long[] numbers = new long[8];
    /** Event times of the first and last number, or reading when there is none; since the window began. */
    long[] firstTimes = new long[8];

    long[] lastTimes = new long[8];
    double[] min = new double[8];
    double[] max = new double[8];
    double[] sum = new double[8];
    double[] first = new double[8];
    double[] last = new double[8];

    RollupSeries(Channel channel, long everyNs) {
        this.channel = channel;
        this.everyNs = everyNs;
    }

    /** Takes readings behind all before. */
    void add(SeriesSlice slice) {
        Column values = slice.values();
        for (int i = 0; i < slice.size(); i++) {
            double value = switch (values.type()) {
                case DOUBLE -> values.doubles()[i];
                case LONG, BOOL -> values.longs()[i];
                case STRING -> Double.NaN;
            };
            add(slice.eventTimes()[i], value);
        }
    }

    private void add(long eventTimeNs, double value) {
        long window = Math.floorDiv(eventTimeNs, everyNs);
        long offset = eventTimeNs - window * everyNs;
        if (size == 0 || windows[size - 1] != window) {
            reserve();
            windows[size] = window;
            counts[size] = 0;
            numbers[size] = 0;
            firstTimes[size] = offset;
            lastTimes[size] = offset;
            sum[size] = 0;
            min[size] = Double.NaN;
            max[size] = Double.NaN;
            first[size] = Double.NaN;
            last[size] = Double.NaN;
            size++;
        }
        int at = size - 1;
        counts[at]++;
        if (Double.isNaN(value)) {
            if (numbers[at] == 0) {
                lastTimes[at] = offset;
            }
            return;
        }
        if (numbers[at]++ == 0) {
            firstTimes[at] = offset;
            first[at] = value;
            min[at] = value;
            max[at] = value;
        }
        lastTimes[at] = offset;
        last[at] = value;
        min[at] = Math.min(min[at], value);
        max[at] = Math.max(max[at], value);
        sum[at] += value;
    }

    /** Takes rows {@code [from, to)} of another, which lie behind all before. */
    void addRows(RollupSeries other, int from, int to) {
        for (int i = from; i < to; i++) {
            reserve();
            windows[size] = other.windows[i];
            counts[size] = other.counts[i];
            numbers[size] = other.numbers[i];
            firstTimes[size] = other.firstTimes[i];
            lastTimes[size] = other.lastTimes[i];
            min[size] = other.min[i];
            max[size] = other.max[i];
            sum[size] = other.sum[i];
            first[size] = other.first[i];
            last[size] = other.last[i];
            size++;
        }
    }

    void reserve() {
        if (size < windows.length) {
            return;
        }
        int capacity = size * 2;
        windows = Arrays.copyOf(windows, capacity);
        counts = Arrays.copyOf(counts, capacity);
        numbers = Arrays.copyOf(numbers, capacity);
        firstTimes = Arrays.copyOf(firstTimes, capacity);
        lastTimes = Arrays.copyOf(lastTimes, capacity);
        min = Arrays.copyOf(min, capacity);
        max = Arrays.copyOf(max, capacity);
        sum = Arrays.copyOf(sum, capacity);
        first = Arrays.copyOf(first, capacity);
        last = Arrays.copyOf(last, capacity);
    }

    /** The first row whose window is not below. */
    int indexOf(long window) {
        int found = Arrays.binarySearch(windows, 0, size, window);
        return found >= 0 ? found : -found - 1;
    }

    /** Rows of windows in {@code [from, to)}. */
    RollupSeries between(long from, long to) {
        RollupSeries part = new RollupSeries(channel, everyNs);
        part.addRows(this, indexOf(from), Math.max(indexOf(from), indexOf(to)));
        return part;
    }

    boolean sameTimes(RollupSeries other) {
        return size == other.size
                && isText() == other.isText()
                && Arrays.equals(windows, 0, size, other.windows, 0, size)
                && Arrays.equals(counts, 0, size, other.counts, 0, size)
                && Arrays.equals(numbers, 0, size, other.numbers, 0, size)
                && Arrays.equals(firstTimes, 0, size, other.firstTimes, 0, size)
                && Arrays.equals(lastTimes, 0, size, other.lastTimes, 0, size);
    }

    boolean isText() {
        return channel.type() == ValueType.STRING;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public SeriesStats numbers(int row) {
        long start = windowStart(row);
        return new SeriesStats(
                numbers[row],
                min[row],
                max[row],
                sum[row],
                first[row],
                last[row],
                start + firstTimes[row],
                start + lastTimes[row]);
    }

    @Override
    public long others(int row) {
        return counts[row] - numbers[row];
    }

    @Override
    public long windowStart(int row) {
        return windows[row] * everyNs;
    }
}
