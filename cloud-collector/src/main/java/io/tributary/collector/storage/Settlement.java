package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of readings, as changes per origin: a reading that is stored and later loses counts +1 and -1. Not
 * thread-safe.
 */
final class Settlement {
    /** @param stored, duplicate, replaced as in {@link io.tributary.collector.account.OriginAccount}; may be negative */
    record Counts(long stored, long duplicate, long replaced) {
        static final Counts ZERO = new Counts(0, 0, 0);

        Counts plus(Counts other) {
            return new Counts(stored + other.stored, duplicate + other.duplicate, replaced + other.replaced);
        }
    }

    private static final class Tally {
        private long stored;
        private long duplicate;
        private long replaced;
    }

    private final Map<Origin, Tally> tallies = new HashMap<>();
    private @Nullable Origin lastOrigin;
    private Tally last = new Tally();

    void stored(Origin origin, long readings) {
        tally(origin).stored += readings;
    }

    /** A reading that counted as stored lost. */
    void lost(Origin origin, boolean equal) {
        Tally tally = tally(origin);
        tally.stored--;
        if (equal) {
            tally.duplicate++;
        } else {
            tally.replaced++;
        }
    }

    Counts of(Origin origin) {
        Tally tally = tallies.get(origin);
        return tally == null ? Counts.ZERO : new Counts(tally.stored, tally.duplicate, tally.replaced);
    }

    /** Over all origins. */
    Counts total() {
        Counts total = Counts.ZERO;
        for (Tally tally : tallies.values()) {
            total = total.plus(new Counts(tally.stored, tally.duplicate, tally.replaced));
        }
        return total;
    }

    Iterable<Origin> origins() {
        return tallies.keySet();
    }

    private Tally tally(Origin origin) {
        if (origin != lastOrigin) {
            last = tallies.computeIfAbsent(origin, unused -> new Tally());
            lastOrigin = origin;
        }
        return last;
    }
}
