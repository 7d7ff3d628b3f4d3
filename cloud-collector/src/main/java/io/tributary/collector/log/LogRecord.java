package io.tributary.collector.log;

import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.SequenceRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one append or one report of a loss did: enough to make everything that follows from it again.
 *
 * @param count sequences of the append or loss, from {@code firstSequence} on
 * @param collectorTimeNs later than that of every record before it
 * @param readings in the batch; 0 when there is none
 * @param rowSequences per table, per row; null when they follow from {@code firstSequence} and the rank
 * @param rejections what was not to be stored, with what dead letters keep of it
 * @param erased readings that an erasure kept away
 * @param lost why the sequences will never arrive; null for an append
 * @param batch encoded, with its own checksum; empty when there are no readings
 */
public record LogRecord(
        Origin origin,
        long firstSequence,
        long count,
        long collectorTimeNs,
        long readings,
        long @Nullable [][] rowSequences,
        List<RejectedRows> rejections,
        long erased,
        @Nullable String lost,
        byte[] batch) {
    public LogRecord {
        new SequenceRange(firstSequence, count);
        rejections = List.copyOf(rejections);
    }

    public long endSequence() {
        return firstSequence + count;
    }
}
