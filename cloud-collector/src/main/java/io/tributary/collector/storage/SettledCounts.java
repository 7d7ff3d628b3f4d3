package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/**
 * What became of the readings of an origin in a partition, as far as its heads were flushed.
 *
 * @param damaged readings that were stored in chunks which could not be read any more
 * @param expired readings that retention took out or did not let in
 * @param erased readings that were stored until they were erased
 */
record SettledCounts(long stored, long duplicate, long replaced, long damaged, long expired, long erased) {
    static final SettledCounts ZERO = new SettledCounts(0, 0, 0, 0, 0, 0);
    /** The first stores kept no more than these. */
    private static final int FIRST_BYTES = 4 * Long.BYTES;

    static SettledCounts of(byte @Nullable [] value) {
        if (value == null) {
            return ZERO;
        }
        boolean first = value.length == FIRST_BYTES;
        return new SettledCounts(
                Keys.longAt(value, 0),
                Keys.longAt(value, 1),
                Keys.longAt(value, 2),
                Keys.longAt(value, 3),
                first ? 0 : Keys.longAt(value, 4),
                first ? 0 : Keys.longAt(value, 5));
    }

    byte[] encode() {
        return Keys.longs(stored, duplicate, replaced, damaged, expired, erased);
    }

    SettledCounts plus(Settlement.Counts counts) {
        return new SettledCounts(
                stored + counts.stored(),
                duplicate + counts.duplicate(),
                replaced + counts.replaced(),
                damaged,
                expired + counts.expired(),
                erased);
    }

    SettledCounts plus(SettledCounts other) {
        return new SettledCounts(
                stored + other.stored,
                duplicate + other.duplicate,
                replaced + other.replaced,
                damaged + other.damaged,
                expired + other.expired,
                erased + other.erased);
    }

    /** With another number of stored readings; the rest is as it was told. */
    SettledCounts recount(long readings) {
        return new SettledCounts(readings, duplicate, replaced, damaged, expired, erased);
    }

    /** Stored readings that are gone. */
    SettledCounts damage(long readings) {
        return new SettledCounts(stored - readings, duplicate, replaced, damaged + readings, expired, erased);
    }

    /** Stored readings that were too old. */
    SettledCounts expire(long readings) {
        return new SettledCounts(stored - readings, duplicate, replaced, damaged, expired + readings, erased);
    }

    /** Stored readings that somebody erased. */
    SettledCounts erase(long readings) {
        return new SettledCounts(stored - readings, duplicate, replaced, damaged, expired, erased + readings);
    }
}
