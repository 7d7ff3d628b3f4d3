package io.tributary.collector.storage;

import io.tributary.collector.log.LogRecord;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.Rows;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;

/** The rows of a log record. */
final class LogRows {
    /** What is in the log was within the limits of its time. */
    private static final BatchLimits LIMITS =
            new BatchLimits(Integer.MAX_VALUE, Integer.MAX_VALUE - 16, Integer.MAX_VALUE, Integer.MAX_VALUE);

    private LogRows() {}

    /** @throws InvalidBatchException when its batch is damaged, or is not the one that the header tells of */
    static Rows of(LogRecord record) throws InvalidBatchException {
        Batch batch = BatchCodec.decode(record.batch(), LIMITS);
        if (batch.readingCount() != record.readings()) {
            throw new InvalidBatchException(
                    "batch of " + batch.readingCount() + " readings, the record says " + record.readings());
        }
        long[][] sequences = record.rowSequences();
        if (sequences == null) {
            sequences = PartitionRouter.sequences(batch, record.firstSequence());
        }
        boolean fits = sequences.length == batch.tables().size();
        for (int i = 0; fits && i < sequences.length; i++) {
            fits = sequences[i].length == batch.tables().get(i).rows();
        }
        if (!fits) {
            throw new InvalidBatchException("row sequences of the record do not fit its batch");
        }
        return new Rows(batch, sequences);
    }
}
