package io.tributary.collector.log;

import io.tributary.collector.partition.Origin;
import org.jspecify.annotations.Nullable;

/**
 * The header of a record in its segment.
 *
 * @param length of prefix and header
 * @param payloadLength of what follows them
 * @param extraLength of the payload's part before the batch
 * @param number of the record among those with readings
 * @param group bytes from the first record of its group to this one: a group is written and fsynced at once
 */
record LogHeader(
        int length,
        int payloadLength,
        int payloadCrc,
        int extraLength,
        long number,
        long group,
        long collectorTimeNs,
        Origin origin,
        long firstSequence,
        long count,
        long readings,
        int flags,
        long erased,
        @Nullable String lost) {
    int frameLength() {
        return length + payloadLength;
    }
}
