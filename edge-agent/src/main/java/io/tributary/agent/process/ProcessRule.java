package io.tributary.agent.process;

import io.tributary.config.Default;
import io.tributary.model.Names;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the readings of some channels on their way into the outbox; the first rule that matches a reading is
 * the only one that does something to it. Steps always run in this order:
 *
 * <pre>
 * scale, offset, unit -> plausible range -> window | on-change -> deadband -> min-interval
 * </pre>
 *
 * @param name label in metrics; empty: the patterns
 * @param scale applied to numbers before {@code offset}; with either, whole numbers become doubles
 * @param unit empty: as it came
 * @param maxInterval a reading this long after the last one that passed does pass, whatever the other steps say
 */
public record ProcessRule(
        @Default("\"\"") String name,
        @Default("\"*\"") Glob source,
        @Default("\"*\"") Glob device,
        @Default("\"*\"") Glob channel,
        @Default("1") double scale,
        @Default("0") double offset,
        @Default("\"\"") String unit,
        @Nullable Plausible plausible,
        @Default("false") boolean onChange,
        @Nullable Deadband deadband,
        @Nullable Duration minInterval,
        @Nullable Duration maxInterval,
        @Nullable Window window) {
    public ProcessRule {
        if (!name.isEmpty()) {
            Names.check("name", name);
        }
        if (!unit.isEmpty()) {
            Names.check("unit", unit);
        }
        if (scale == 0) {
            throw new IllegalArgumentException("scale is 0, expected a factor");
        }
        checkInterval("min-interval", minInterval);
        checkInterval("max-interval", maxInterval);
        boolean filters = onChange || deadband != null || minInterval != null;
        if (window != null && (filters || maxInterval != null)) {
            throw new IllegalArgumentException("window together with on-change, deadband, min-interval or max-interval,"
                    + " expected one or the other");
        }
        if (maxInterval != null && !filters) {
            throw new IllegalArgumentException("max-interval without on-change, deadband or min-interval,"
                    + " expected something that it makes an exception of");
        }
        if (maxInterval != null && minInterval != null && maxInterval.compareTo(minInterval) < 0) {
            throw new IllegalArgumentException(
                    "max-interval is " + maxInterval + ", expected at least min-interval, " + minInterval);
        }
    }

    private static void checkInterval(String key, @Nullable Duration interval) {
        if (interval != null && (interval.isNegative() || interval.isZero())) {
            throw new IllegalArgumentException(key + " is " + interval + ", expected more than 0");
        }
    }

    /** Label in metrics. */
    String label() {
        return name.isEmpty() ? device + " " + channel : name;
    }

    boolean scales() {
        return scale != 1 || offset != 0;
    }

    boolean filters() {
        return onChange || deadband != null || minInterval != null;
    }

    /** Numbers that a channel can have; NaN is outside of every range. */
    public record Plausible(
            @Nullable Double min,
            @Nullable Double max,
            @Default("mark") Otherwise otherwise) {
        public Plausible {
            if (min == null && max == null) {
                throw new IllegalArgumentException("plausible without min and max, expected one of them at least");
            }
            if (min != null && max != null && min > max) {
                throw new IllegalArgumentException("min is " + min + ", expected at most max, " + max);
            }
        }

        boolean contains(double value) {
            return !Double.isNaN(value) && (min == null || value >= min) && (max == null || value <= max);
        }
    }

    /** What becomes of an implausible reading. */
    public enum Otherwise {
        /** Quality 0x42, unless it is worse already. */
        MARK,
        DROP
    }

    /**
     * How far a number has to be from the last one that passed; other values have to be different.
     *
     * @param percent of the last one
     */
    public record Deadband(
            @Nullable Double absolute, @Nullable Double percent) {
        public Deadband {
            if ((absolute == null) == (percent == null)) {
                throw new IllegalArgumentException("deadband with " + (absolute == null ? "neither" : "both")
                        + " of absolute and percent, expected one of them");
            }
            double size = absolute == null ? percent == null ? 0 : percent : absolute;
            if (!(size > 0)) {
                throw new IllegalArgumentException("deadband of " + size + ", expected more than 0");
            }
        }

        boolean holds(double value, double last) {
            double band = absolute == null ? Math.abs(last) * (percent == null ? 0 : percent) / 100 : absolute;
            return Math.abs(value - last) <= band;
        }
    }

    /**
     * Numbers are summed up, other values pass. A device is told that its readings are taken when they are summed up:
     * a crash takes the open windows.
     *
     * @param every length; windows begin at whole multiples since 1970, in event time
     * @param channel name of the results; {@code {channel}} and {@code {function}} stand for those
     */
    public record Window(
            Duration every,
            @Default("[avg, min, max]") List<Function> functions,
            @Default("\"{channel}.{function}\"") String channel) {
        public Window {
            functions = List.copyOf(functions);
            Names.check("channel", channel);
            checkInterval("every", every);
            if (every.toMillis() < 1 || every.toDays() > 1) {
                throw new IllegalArgumentException("every is " + every + ", expected 1 millisecond to a day");
            }
            if (functions.isEmpty()
                    || functions.size() != functions.stream().distinct().count()) {
                throw new IllegalArgumentException(
                        "functions is " + functions + ", expected each at most once, and one at least");
            }
            if (!channel.contains("{channel}") || (functions.size() > 1 && !channel.contains("{function}"))) {
                throw new IllegalArgumentException("channel is \"" + channel
                        + "\", expected a text with {channel}, and with several functions {function}");
            }
        }
    }

    /** What a window says of its readings. */
    public enum Function {
        AVG,
        MIN,
        MAX,
        SUM,
        COUNT,
        FIRST,
        LAST
    }
}
