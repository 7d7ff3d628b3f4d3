package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/**
 * What became of the readings of an origin in a partition, as far as its heads were flushed.
 *
 * @param damaged readings that were stored in chunks which could not be read any more
 */
record SettledCounts(long stored, long duplicate, long replaced, long damaged) {
    static final SettledCounts ZERO = new SettledCounts(0, 0, 0, 0);

    static SettledCounts of(byte @Nullable [] value) {
        return value == null
                ? ZERO
                : new SettledCounts(
                        Keys.longAt(value, 0), Keys.longAt(value, 1), Keys.longAt(value, 2), Keys.longAt(value, 3));
    }

    byte[] encode() {
        return Keys.longs(stored, duplicate, replaced, damaged);
    }

    SettledCounts plus(Settlement.Counts counts) {
        return new SettledCounts(
                stored + counts.stored(), duplicate + counts.duplicate(), replaced + counts.replaced(), damaged);
    }

    SettledCounts plus(SettledCounts other) {
        return new SettledCounts(
                stored + other.stored, duplicate + other.duplicate, replaced + other.replaced, damaged + other.damaged);
    }

    /** Stored readings that are gone. */
    SettledCounts damage(long readings) {
        return new SettledCounts(stored - readings, duplicate, replaced, damaged + readings);
    }
}
