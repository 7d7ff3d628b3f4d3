package io.tributary.collector.query;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.List;

/**
 * The windows that cover a range of time, without gaps: window {@code i} begins at {@code start(i)} and ends where the
 * next one begins. Aligned to 1970-01-01T00:00 UTC, or to the wall clock of a time zone: then a window of a day has 23 or
 * 25 hours when the clocks change, and one of an hour never holds two hours of the clock that have the same name.
 */
public final class Windows {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    private final long[] starts;
    private final int count;
    private int hint;

    private Windows(long[] starts, int count) {
        this.starts = starts;
        this.count = count;
    }

    /** The whole range as one window. */
    static Windows whole(TimeRange range) {
        return new Windows(new long[] {range.fromNs()}, 1);
    }

    /**
     * @param everyNs width, at least 1
     * @param zone whose midnight windows are aligned to
     * @throws QueryException when there are more than {@code max}
     */
    static Windows of(TimeRange range, long everyNs, ZoneId zone, int max) {
        if (everyNs < 1) {
            throw QueryException.invalid("every is " + everyNs + " ns, expected more than 0");
        }
        checkCount(range, everyNs, max);
        return zone.getRules().isFixedOffset()
                ? fixed(range, everyNs, zone.getRules().getOffset(Instant.EPOCH).getTotalSeconds() * SECOND)
                : byWallClock(range, everyNs, zone);
    }

    private static void checkCount(TimeRange range, long everyNs, int max) {
        // As doubles: the difference of two times may not fit a long. One more may be begun at the ends.
        double windows = ((double) range.toNs() - range.fromNs()) / everyNs;
        if (windows > max) {
            long least = (long) Math.ceil(((double) range.toNs() - range.fromNs()) / max / SECOND);
            throw QueryException.tooLarge("from to to at every=" + shown(everyNs) + " are "
                    + (windows > 1e15 ? "more than 1e15" : Long.toString((long) windows))
                    + " windows, expected at most "
                    + max + "; shorten the range, or ask for every=" + shown(least * SECOND) + " or more");
        }
    }

    /** The largest unit that shows it exactly: {@code 90s}, {@code 2h}. */
    static String shown(long ns) {
        long[] units = {DAY, 3600 * SECOND, 60 * SECOND, SECOND, 1_000_000, 1_000, 1};
        String[] names = {"d", "h", "m", "s", "ms", "us", "ns"};
        for (int i = 0; i < units.length; i++) {
            if (ns % units[i] == 0) {
                return ns / units[i] + names[i];
            }
        }
        throw new IllegalStateException("BUG: every number is a multiple of 1");
    }

    private static Windows fixed(TimeRange range, long everyNs, long offsetNs) {
        try {
            long first = Math.subtractExact(
                    Math.multiplyExact(Math.floorDiv(Math.addExact(range.fromNs(), offsetNs), everyNs), everyNs),
                    offsetNs);
            int count = Math.toIntExact((Math.subtractExact(range.toNs() - 1, first)) / everyNs + 1);
            long[] starts = new long[count];
            for (int i = 0; i < count; i++) {
                starts[i] = first + i * everyNs;
            }
            return new Windows(starts, count);
        } catch (ArithmeticException e) {
            throw outOfRange(range);
        }
    }

    private static Windows byWallClock(TimeRange range, long everyNs, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        try {
            long offset = offsetNs(rules, range.fromNs());
            // One window early: the offset may have changed since the window began.
            long local = Math.floorDiv(Math.addExact(range.fromNs(), offset), everyNs) * everyNs - everyNs;
            long[] starts = new long[16];
            int count = 0;
            while (true) {
                LocalDateTime wall = LocalDateTime.ofEpochSecond(
                        Math.floorDiv(local, SECOND), (int) Math.floorMod(local, SECOND), ZoneOffset.UTC);
                List<ZoneOffset> offsets = rules.getValidOffsets(wall);
                int ways = offsets.size() == 2 && everyNs < DAY ? 2 : 1;
                for (int i = 0; i < ways; i++) {
                    // In a gap the clock jumps over this time: the window begins where it lands.
                    long start = offsets.isEmpty()
                            ? EpochNanos.of(rules.getTransition(wall).getInstant())
                            : local - offsets.get(i).getTotalSeconds() * SECOND;
                    if (start >= range.toNs()) {
                        return new Windows(starts, count).without(range.fromNs());
                    }
                    if (count == 0 || start > starts[count - 1]) {
                        starts = count == starts.length ? Arrays.copyOf(starts, count * 2) : starts;
                        starts[count++] = start;
                    }
                }
                local = Math.addExact(local, everyNs);
            }
        } catch (ArithmeticException | DateTimeException e) {
            throw outOfRange(range);
        }
    }

    private static long offsetNs(ZoneRules rules, long timeNs) {
        return rules.getOffset(EpochNanos.instant(timeNs)).getTotalSeconds() * SECOND;
    }

    /** Leaves out the windows that end before the range begins. */
    private Windows without(long fromNs) {
        int first = 0;
        while (first + 1 < count && starts[first + 1] <= fromNs) {
            first++;
        }
        return new Windows(Arrays.copyOfRange(starts, first, count), count - first);
    }

    private static QueryException outOfRange(TimeRange range) {
        return QueryException.invalid("from is " + range.fromNs() + " ns and to is " + range.toNs()
                + " ns since 1970, expected times between the years 1678 and 2261");
    }

    /** Whether windows of this width, which begin at its multiples since 1970, each lie within one of these. */
    boolean consistOf(long everyNs) {
        for (int i = 1; i < count; i++) {
            if (Math.floorMod(starts[i], everyNs) != 0) {
                return false;
            }
        }
        return true;
    }

    int count() {
        return count;
    }

    long start(int window) {
        return starts[window];
    }

    /** Exclusive; the last window is open. */
    long end(int window) {
        return window + 1 < count ? starts[window + 1] : Long.MAX_VALUE;
    }

    /** The window of a time inside the range. Fast when times come in order; not thread-safe. */
    int indexOf(long timeNs) {
        if (timeNs >= starts[hint] && timeNs < end(hint)) {
            return hint;
        }
        int found = Arrays.binarySearch(starts, 0, count, timeNs);
        hint = found >= 0 ? found : Math.max(0, -found - 2);
        return hint;
    }
}
