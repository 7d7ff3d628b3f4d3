package io.tributary.collector.partition;

import io.tributary.model.Batch;
import io.tributary.model.SequenceRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A delivery to make durable: the readings {@code [firstSequence, firstSequence + count)} of one origin, validated.
 *
 * <pre>
 * count = readings of batch + rejected readings
 * </pre>
 *
 * Arrays and batch are given away: the engine keeps references to them.
 *
 * @param batch what is to be stored; without tables when everything was rejected. Event times are stamped and lie within
 *     Long.MIN_VALUE / 2 and Long.MAX_VALUE / 2
 * @param rowSequences per table, per row, the sequence of the row's first reading; null when nothing was removed, so
 *     that sequences follow from the rank. A row's readings have consecutive sequences
 * @param encoded the bytes that {@code batch} was decoded from, when nothing was removed: they go to the log as they
 *     are; null lets the engine encode
 */
public record Append(
        Origin origin,
        long firstSequence,
        long count,
        Batch batch,
        long @Nullable [][] rowSequences,
        byte @Nullable [] encoded,
        List<RejectedRows> rejections) {
    public Append {
        new SequenceRange(firstSequence, count);
        if (rowSequences != null && rowSequences.length != batch.tables().size()) {
            throw new IllegalArgumentException("row sequences of " + rowSequences.length + " tables, expected "
                    + batch.tables().size());
        }
        if (encoded != null && rowSequences != null) {
            throw new IllegalArgumentException("original bytes of a batch from which rows were removed");
        }
        rejections = List.copyOf(rejections);
    }

    public SequenceRange range() {
        return new SequenceRange(firstSequence, count);
    }
}
