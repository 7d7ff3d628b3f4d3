package io.tributary.collector.storage;

import io.tributary.collector.chunk.Chunk;
import io.tributary.column.CorruptColumnException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes damaged chunks out of the store: they become dead letters, and their readings no longer count as stored. */
final class QuarantineWork {
    static final String DAMAGED = "damaged-chunk";
    private static final Logger LOG = LoggerFactory.getLogger(QuarantineWork.class);

    private final EngineParts parts;
    private final InstantSource clock;

    QuarantineWork(EngineParts parts, InstantSource clock) {
        this.parts = parts;
        this.clock = clock;
    }

    /** @return whether there was a chunk to take out */
    boolean work() throws RocksDBException {
        Quarantine.Report report = parts.quarantine().next();
        if (report == null) {
            return false;
        }
        String device = ChunkKeys.device(report.key());
        Partition partition = parts.partitionOf(device);
        partition.flushLock.lock();
        try {
            byte[] bytes = parts.store().get(parts.store().chunk, report.key());
            if (bytes != null) {
                takeOut(partition, device, report, bytes);
            }
        } finally {
            partition.flushLock.unlock();
            parts.quarantine().done(report);
        }
        return true;
    }

    private void takeOut(Partition partition, String device, Quarantine.Report report, byte[] bytes)
            throws RocksDBException {
        Chunk chunk = header(bytes);
        String place =
                "chunk of device " + device + " in bucket " + ChunkKeys.bucket(report.key()) + ": " + report.detail();
        LOG.error("{}; it is kept as a dead letter", place);
        List<Chunk.OriginReadings> origins = chunk == null ? List.of() : chunk.origins();
        try (WriteBatch batch = new WriteBatch()) {
            DeadLetters.Staged letter = parts.deadLetters()
                    .stage(
                            batch,
                            new DeadLetters.Letter(
                                    CollectorClock.nanos(clock.instant()),
                                    DAMAGED,
                                    place,
                                    origins.size() == 1 ? origins.get(0).origin() : null,
                                    null,
                                    chunk == null ? 0 : chunk.readings(),
                                    bytes));
            batch.delete(parts.store().chunk, report.key());
            for (Chunk.OriginReadings of : origins) {
                byte[] key = Keys.settled(Keys.origin(of.origin()), partition.number);
                SettledCounts before = SettledCounts.of(parts.store().get(parts.store().meta, key));
                batch.put(parts.store().meta, key, before.damage(of.readings()).encode());
                Tallies.add(
                        parts.store(),
                        batch,
                        partition.number,
                        ChunkKeys.bucket(report.key()),
                        of.origin(),
                        -of.readings());
            }
            parts.store().write(batch, false);
            parts.deadLetters().written(List.of(letter));
        }
    }

    private static @Nullable Chunk header(byte[] bytes) {
        try {
            return Chunk.open(bytes);
        } catch (CorruptColumnException e) {
            LOG.debug("not even the header can be read", e);
            return null;
        }
    }
}
