package io.tributary.collector.log;

import io.tributary.collector.partition.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one append that belong to one partition.
 *
 * @param firstSequence of the append
 * @param collectorTimeNs of the append; the same in all its records
 * @param readings in the batch
 * @param rowSequences per table, per row; null when they follow from {@code firstSequence} and the rank
 * @param batch encoded, with its own checksum
 */
public record LogRecord(
        Origin origin,
        long firstSequence,
        long collectorTimeNs,
        long readings,
        long @Nullable [][] rowSequences,
        byte[] batch) {}
