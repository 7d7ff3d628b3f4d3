package io.tributary.collector.storage;

import io.tributary.model.ValueType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Statistics per window as a plain map, of what is stored and of what has expired. */
final class RollupOracle {
    static final long EVERY = 10_000_000_000L;

    private final Map<StoreOracle.Series, TreeMap<Long, Window>> expired = new HashMap<>();

    /** One window; told of values in ascending order of time. */
    static final class Window {
        private long count;
        private long numbers;
        private double min = Double.NaN;
        private double max = Double.NaN;
        private double sum;
        private double first = Double.NaN;
        private double last = Double.NaN;

        void add(Object value) {
            count++;
            double number = number(type, value);
            if (Double.isNaN(number)) {
                return;
            }
            first = numbers == 0 ? number : first;
            min = numbers == 0 ? number : Math.min(min, number);
            max = numbers == 0 ? number : Math.max(max, number);
            numbers++;
            sum += number;
            last = number;
        }

        private final ValueType type;

        Window(ValueType type) {
            this.type = type;
        }

        void add(SeriesStats stats, long others) {
            count += stats.count() + others;
            if (stats.count() > 0) {
                first = numbers == 0 ? stats.first() : first;
                min = numbers == 0 ? stats.min() : Math.min(min, stats.min());
                max = numbers == 0 ? stats.max() : Math.max(max, stats.max());
                numbers += stats.count();
                sum += stats.sum();
                last = stats.last();
            }
        }

        @Override
        public String toString() {
            return count + "/" + numbers + " " + (min + 0.0) + " " + (max + 0.0) + " " + (sum + 0.0) + " "
                    + (first + 0.0) + " " + (last + 0.0);
        }
    }

    static Window window(TreeMap<Long, Window> windows, long time, StoreOracle.Series series) {
        return windows.computeIfAbsent(Math.floorDiv(time, EVERY), unused -> new Window(series.type()));
    }

    /** As aggregates count it; doubles are their bits. */
    static double number(ValueType type, Object value) {
        return switch (type) {
            case DOUBLE -> Double.longBitsToDouble((Long) value);
            case LONG -> (Long) value;
            case BOOL -> (Boolean) value ? 1 : 0;
            case STRING -> Double.NaN;
        };
    }

    private static void add(StoreOracle.Series series, Map<Long, StoreOracle.Held> readings, TreeMap<Long, Window> to) {
        readings.forEach((time, held) -> window(to, time, series).add(held.value()));
    }

    /** Readings that go because of their age, and stay in their windows. */
    void expire(StoreOracle.Series series, Map<Long, StoreOracle.Held> readings) {
        if (!readings.isEmpty()) {
            add(series, readings, expired.computeIfAbsent(series, unused -> new TreeMap<>()));
        }
    }

    /** Windows of expired readings go when an erasure touches them. */
    void erase(StoreOracle.Series series, long fromNs, long toNs) {
        TreeMap<Long, Window> windows = expired.get(series);
        if (windows != null) {
            windows.keySet().removeIf(window -> window * EVERY < toNs && (window + 1) * EVERY - 1 >= fromNs);
        }
    }

    Iterable<StoreOracle.Series> series() {
        return expired.keySet();
    }

    /** Every window of a device, by series. */
    Map<String, String> of(String device, Map<StoreOracle.Series, TreeMap<Long, StoreOracle.Held>> stored) {
        Map<StoreOracle.Series, TreeMap<Long, Window>> all = empty();
        expired.forEach((series, windows) -> {
            if (series.device().equals(device)) {
                all.computeIfAbsent(series, unused -> new TreeMap<>()).putAll(windows);
            }
        });
        stored.forEach((series, readings) -> {
            if (series.device().equals(device)) {
                add(series, readings, all.computeIfAbsent(series, unused -> new TreeMap<>()));
            }
        });
        return shown(all);
    }

    static Map<StoreOracle.Series, TreeMap<Long, Window>> empty() {
        return new TreeMap<>(Comparator.comparing(Object::toString));
    }

    static Map<String, String> shown(Map<StoreOracle.Series, TreeMap<Long, Window>> windows) {
        Map<String, String> shown = new TreeMap<>();
        windows.forEach((series, of) -> {
            if (!of.isEmpty()) {
                shown.put(series.toString(), of.toString());
            }
        });
        return shown;
    }
}
