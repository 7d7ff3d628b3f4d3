package io.tributary.agent.process;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Names;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/** The numbers of one series in one window. Guarded by its {@link Processing}. */
final class OpenWindow {
    private final ProcessRule.Window rule;
    private final String source;
    private final Device device;
    private final Channel channel;
    private final long startNs;
    private long count;
    private double sum;
    private long minBits;
    private long maxBits;
    private long firstNs;
    private long firstBits;
    private long lastNs;
    private long lastBits;
    private int quality = Quality.GOOD;
    /** Monotonic: when something came last. */
    private long touchedNs;

    OpenWindow(ProcessRule.Window rule, String source, Device device, Channel channel, long startNs) {
        this.rule = rule;
        this.source = source;
        this.device = device;
        this.channel = channel;
        this.startNs = startNs;
    }

    /** Start of the window that a time is in. */
    static long start(ProcessRule.Window rule, long eventNs) {
        return eventNs - Math.floorMod(eventNs, rule.every().toNanos());
    }

    long startNs() {
        return startNs;
    }

    long count() {
        return count;
    }

    boolean isOf(Channel other) {
        return channel.equals(other);
    }

    boolean isIdle(long monotonicNs) {
        return monotonicNs - touchedNs >= rule.every().toNanos();
    }

    void add(long bits, int code, long eventNs, long monotonicNs) {
        if (count == 0 || less(bits, minBits)) {
            minBits = bits;
        }
        if (count == 0 || less(maxBits, bits)) {
            maxBits = bits;
        }
        if (count == 0 || eventNs < firstNs) {
            firstNs = eventNs;
            firstBits = bits;
        }
        if (count == 0 || eventNs >= lastNs) {
            lastNs = eventNs;
            lastBits = bits;
        }
        sum += SeriesState.number(channel, bits);
        count++;
        quality = Math.max(quality, code);
        touchedNs = monotonicNs;
    }

    private boolean less(long a, long b) {
        return channel.type() == ValueType.DOUBLE
                ? Double.compare(Double.longBitsToDouble(a), Double.longBitsToDouble(b)) < 0
                : a < b;
    }

    /** Its results, stamped with its start. */
    void close(Consumer<Emission> results) {
        for (ProcessRule.Function function : rule.functions()) {
            switch (function) {
                case AVG -> results.accept(result(function, ValueType.DOUBLE, Double.doubleToRawLongBits(sum / count)));
                case SUM -> results.accept(result(function, ValueType.DOUBLE, Double.doubleToRawLongBits(sum)));
                case COUNT -> results.accept(result(function, ValueType.LONG, count));
                case MIN -> results.accept(result(function, channel.type(), minBits));
                case MAX -> results.accept(result(function, channel.type(), maxBits));
                case FIRST -> results.accept(result(function, channel.type(), firstBits));
                case LAST -> results.accept(result(function, channel.type(), lastBits));
            }
        }
    }

    private Emission result(ProcessRule.Function function, ValueType type, long bits) {
        String unit = function == ProcessRule.Function.COUNT ? "" : channel.unit();
        return new Emission(
                source, device, new Channel(name(rule, channel, function), type, unit), startNs, bits, quality);
    }

    /** Whether its results have names that channels can have: with what is added, one may be too long. */
    static boolean canName(ProcessRule.Window rule, Channel channel) {
        for (ProcessRule.Function function : rule.functions()) {
            if (name(rule, channel, function).getBytes(StandardCharsets.UTF_8).length > Names.MAX_BYTES) {
                return false;
            }
        }
        return true;
    }

    private static String name(ProcessRule.Window rule, Channel channel, ProcessRule.Function function) {
        return rule.channel()
                .replace("{function}", function.name().toLowerCase(Locale.ROOT))
                .replace("{channel}", channel.name());
    }
}
