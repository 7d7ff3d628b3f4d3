package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import java.util.List;

/**
 * What of one device is kept, at one moment: a channel's buckets below its horizon are gone. Horizons are whole buckets, so
 * that nothing has to be cut.
 */
record DeviceRetention(List<Term> terms) {
    /** Nothing is below. */
    static final long NEVER = Long.MIN_VALUE;

    static final DeviceRetention FOREVER = new DeviceRetention(List.of());

    /** @param horizon the first bucket that is kept */
    record Term(Glob channel, long horizon) {}

    /** The first bucket of a channel that is kept. */
    long horizon(String channel) {
        for (Term term : terms) {
            if (term.channel == Glob.ALL || term.channel.matches(channel)) {
                return term.horizon;
            }
        }
        return NEVER;
    }

    /** No channel keeps a bucket below. */
    long lowest() {
        long lowest = terms.isEmpty() ? NEVER : Long.MAX_VALUE;
        for (Term term : terms) {
            lowest = Math.min(lowest, term.horizon);
        }
        return lowest;
    }

    /** Every channel keeps the buckets from here on. */
    long highest() {
        long highest = NEVER;
        for (Term term : terms) {
            highest = Math.max(highest, term.horizon);
        }
        return highest;
    }
}
