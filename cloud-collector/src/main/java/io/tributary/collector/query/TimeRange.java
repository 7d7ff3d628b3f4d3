package io.tributary.collector.query;

/**
 * Times in ns since the epoch.
 *
 * @param fromNs inclusive; {@link Long#MIN_VALUE} from the beginning
 * @param toNs exclusive; {@link Long#MAX_VALUE} to the end
 */
public record TimeRange(long fromNs, long toNs) {
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    public TimeRange {
        if (fromNs >= toNs) {
            throw QueryException.invalid("the range is empty: from is " + fromNs + " ns and to is " + toNs
                    + " ns since 1970, expected from before to");
        }
    }

    boolean contains(long timeNs) {
        return timeNs >= fromNs && timeNs < toNs;
    }
}
