package io.tributary.agent.uplink;

import io.tributary.agent.clock.ClockStamp;
import io.tributary.agent.outbox.ChannelClass;
import io.tributary.agent.outbox.EncodedBatch;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchJoiner;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one dense batch of small ones that wait together. A group commit of a few readings is mostly dictionary: joined, it
 * takes less of the link, and of the collector's work. Sequences stay what they were.
 */
final class SmallBatches {
    /** Dictionary and headers of ten channels take some 250 bytes: joining costs less than a delivery of its own. */
    static final int SMALL_BYTES = 1 << 10;
    /** What is worth a link that is the bottleneck; above, a batch is dense already. */
    static final int SMALL_BYTES_SLOW_LINK = 16 << 10;

    /** A batch of so many readings in no more bytes than that is dense: joining it takes CPU time and saves nothing. */
    private static final int DENSE_READINGS = 1 << 10;

    /** Of parts together; a few hundred KiB in memory, and never near what collectors take. */
    static final int RUN_BYTES = 256 << 10;

    static final int RUN_READINGS = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(SmallBatches.class);

    private SmallBatches() {}

    /** Whether a batch may be part of a joined one. */
    static boolean isSmall(OutboxRecord batch, boolean slowLink) {
        int readings = batch.batch().readings();
        boolean dense = readings >= DENSE_READINGS && batch.bytes() <= readings;
        return batch.bytes() <= (slowLink ? SMALL_BYTES_SLOW_LINK : SMALL_BYTES) && !dense;
    }

    /** Whether their stamps are right, or wrong by the same: what is joined is corrected as one. */
    static boolean isSameClock(OutboxRecord a, OutboxRecord b) {
        return ClockStamp.isSameClock(a.batch().uncertain(), b.batch().uncertain());
    }

    /**
     * @param run of one epoch and one clock, each beginning where the one before ends; more than one
     * @return null when one of them cannot be opened: they go one by one, and the collector says which
     */
    static @Nullable OutboxRecord join(List<OutboxRecord> run) {
        BatchJoiner joiner = new BatchJoiner();
        int readings = 0;
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        long edge = Long.MAX_VALUE;
        for (OutboxRecord part : run) {
            EncodedBatch batch = part.batch();
            try {
                joiner.add(BatchCodec.decode(batch.bytes(), BatchLimits.DEFAULT));
            } catch (InvalidBatchException e) {
                LOG.debug("batch at sequence {} cannot be joined", part.firstSequence(), e);
                return null;
            }
            readings += batch.readings();
            oldest = Math.min(oldest, batch.oldestEventTimeNs());
            newest = Math.max(newest, batch.newestEventTimeNs());
            edge = Math.min(edge, batch.edgeTimeNs());
        }
        OutboxRecord first = run.get(0);
        return new OutboxRecord(
                first.epoch(),
                first.firstSequence(),
                new EncodedBatch(
                        readings,
                        oldest,
                        newest,
                        edge,
                        BatchCodec.encode(joiner.build()),
                        ChannelClass.DEFAULT_PRIORITY,
                        false,
                        first.batch().uncertain()));
    }
}
