package io.tributary.collector.storage;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What does not count any more, at one moment. Taken before a snapshot of the database: an erasure that is no longer
 * pending then is not in the snapshot either.
 */
record Masks(Erasures.View erasures, Retention.Horizons horizons, long bucketNs) {
    boolean sameAs(Masks other) {
        return erasures == other.erasures && horizons.sameBuckets(other.horizons);
    }

    /** @param tags of the device, asked only when a rule of retention wants to know */
    Mask of(String device, Supplier<Map<String, String>> tags) {
        DeviceRetention kept = horizons.of(device, tags);
        List<Erasure> pending = erasures.pending(device);
        return kept == DeviceRetention.FOREVER && pending.isEmpty() ? Mask.NONE : new Mask(kept, pending, bucketNs);
    }
}
