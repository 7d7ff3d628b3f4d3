package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.seal.KeyRing;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link RocksOutbox} that is opened anew after a write failed: RocksDB takes no writes any more after a full disk or an
 * I/O error, also when there is room again. Until the file system takes a probe the old one stays open for reading, so
 * that what is in it is still sent.
 *
 * <pre>
 * working --write fails--> broken --probe written, opened anew--> working
 *                             \--opened in vain--> closed --opened--> working
 * working --damage read----> broken --salvaged into a new epoch, opened--> working
 * </pre>
 */
public final class ReopeningOutbox implements Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(ReopeningOutbox.class);
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int PROBE_BYTES = 64 << 10;

    private final OutboxOptions options;
    private final KeyRing keys;
    private final Clock clock;
    /** Every use of {@code current} holds the read lock, its replacement the write lock. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private @Nullable RocksOutbox current;
    private OutboxStats lastStats;
    private boolean closed;

    /** All that was freed of an epoch, which is mostly one range that grows. Guarded by itself. */
    private final RangeSet freed = new RangeSet();

    private long freedEpoch;

    // Guarded by reopening.
    private final Object reopening = new Object();
    private long retryAtNs;

    private volatile @Nullable String failure;
    /** What is on disk is not what was written: it is salvaged before it is opened anew. */
    private volatile @Nullable String damage;

    private ReopeningOutbox(OutboxOptions options, KeyRing keys, Clock clock, RocksOutbox first) {
        this.options = options;
        this.keys = keys;
        this.clock = clock;
        this.current = first;
        this.lastStats = first.stats();
    }

    /** @throws IOException when the directory cannot be used; the message says what to do */
    public static ReopeningOutbox open(OutboxOptions options, Clock clock) throws IOException {
        KeyRing keys = KeyRing.load(options.encryption());
        return new ReopeningOutbox(options, keys, clock, RocksOutbox.open(options, keys, clock));
    }

    private interface Operation<T> {
        T on(RocksOutbox outbox) throws OutboxException, OutboxFullException;
    }

    private <T> T read(Operation<T> operation) throws OutboxException {
        if (damage != null) {
            reopenWhenBroken();
        }
        try {
            return use(operation);
        } catch (OutboxFullException e) {
            throw new IllegalStateException("BUG: a read found the outbox full", e);
        } catch (OutboxException e) {
            if (e.isDamage()) {
                damage = e.getMessage();
                failure = e.getMessage();
            }
            throw e;
        }
    }

    private void write(Operation<Boolean> operation) throws OutboxException {
        try {
            writeOrFull(operation);
        } catch (OutboxFullException e) {
            throw new IllegalStateException("BUG: only appends need room", e);
        }
    }

    private void writeOrFull(Operation<Boolean> operation) throws OutboxException, OutboxFullException {
        reopenWhenBroken();
        try {
            use(operation);
        } catch (OutboxException e) {
            if (e.isDamage()) {
                damage = e.getMessage();
            }
            failure = e.getMessage();
            throw e;
        }
    }

    private <T> T use(Operation<T> operation) throws OutboxException, OutboxFullException {
        use.readLock().lock();
        try {
            if (current == null) {
                throw new OutboxException("outbox " + options.path() + " is closed after a failure: " + failure);
            }
            return operation.on(current);
        } finally {
            use.readLock().unlock();
        }
    }

    /** @throws OutboxException when it is too early to try, or in vain */
    private void reopenWhenBroken() throws OutboxException {
        if (failure == null) {
            return;
        }
        synchronized (reopening) {
            if (failure == null) {
                return;
            }
            if (clock.monotonicNs() < retryAtNs) {
                throw new OutboxException("outbox " + options.path() + " is tried again in a moment: " + failure);
            }
            retryAtNs = clock.monotonicNs() + RETRY_NS;
            try {
                probe();
                reopen();
            } catch (IOException e) {
                throw new OutboxException("outbox " + options.path() + " cannot be opened anew: " + e.getMessage(), e);
            }
        }
    }

    /** Whether the file system takes what opening writes: at least the tables of everything in memory. */
    private void probe() throws IOException {
        long room = 2 * options.writeBuffer().bytes();
        long usable = Files.getFileStore(options.path()).getUsableSpace();
        if (usable < room) {
            throw new IOException("the file system has " + usable + " bytes left, expected at least " + room);
        }
        Path probe = options.path().resolveSibling(options.path().getFileName() + ".probe");
        try (FileChannel channel = FileChannel.open(
                probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.allocate(PROBE_BYTES));
            channel.force(true);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private void reopen() throws IOException {
        use.writeLock().lock();
        try {
            if (closed) {
                throw new IOException("the agent is shutting down");
            }
            if (current != null) {
                lastStats = current.stats();
                current.close();
                current = null;
            }
            String why = damage;
            if (why != null && Salvage.unfinished(options.path()) == null) {
                Salvage.run(options, keys, clock, why);
            }
            RocksOutbox opened = RocksOutbox.open(options, keys, clock);
            freeAgain(opened);
            current = opened;
            damage = null;
            failure = null;
            LOG.info(
                    "outbox {} opened anew, {} readings queued",
                    options.path(),
                    opened.stats().queuedReadings());
        } finally {
            use.writeLock().unlock();
        }
    }

    /** Frees wait for the next append, so a failure takes back some that nobody would name again in this session. */
    private void freeAgain(RocksOutbox opened) throws IOException {
        synchronized (freed) {
            if (freed.isEmpty() || opened.epoch() != freedEpoch) {
                return;
            }
            try {
                opened.free(freedEpoch, freed.list());
            } catch (OutboxException e) {
                opened.close();
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    /** Lets the next write open it anew. */
    void breakForTest() {
        failure = "broken by a test";
    }

    @Override
    public long epoch() {
        return stats().epoch();
    }

    @Override
    public OutboxStats stats() {
        use.readLock().lock();
        try {
            return current == null ? lastStats : current.stats();
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public long evictedReadings() {
        use.readLock().lock();
        try {
            return current == null ? lastStats.evictedReadings() : current.evictedReadings();
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public void append(List<EncodedBatch> batches, List<DeadLetter> letters, boolean sync)
            throws OutboxException, OutboxFullException {
        writeOrFull(outbox -> {
            outbox.append(batches, letters, sync);
            return true;
        });
    }

    @Override
    public void sync() throws OutboxException {
        write(outbox -> {
            outbox.sync();
            return true;
        });
    }

    @Override
    public List<OutboxRecord> read(long fromSequence, long beforeSequence, long bytesMax) throws OutboxException {
        return read(outbox -> outbox.read(fromSequence, beforeSequence, bytesMax));
    }

    @Override
    public List<OutboxRecord> readClass(int priority, long fromSequence, long bytesMax) throws OutboxException {
        return read(outbox -> outbox.readClass(priority, fromSequence, bytesMax));
    }

    @Override
    public void free(long epoch, List<SequenceRange> ranges) throws OutboxException {
        write(outbox -> {
            outbox.free(epoch, ranges);
            return true;
        });
        synchronized (freed) {
            if (freedEpoch != epoch) {
                freed.clear();
                freedEpoch = epoch;
            }
            freed.add(ranges);
        }
    }

    @Override
    public void evictBefore(long edgeTimeNs) throws OutboxException {
        write(outbox -> {
            outbox.evictBefore(edgeTimeNs);
            return true;
        });
    }

    @Override
    public List<LostRange> losses(int limit) throws OutboxException {
        return read(outbox -> outbox.losses(limit));
    }

    @Override
    public void forgetLosses(long epoch, List<SequenceRange> ranges) throws OutboxException {
        write(outbox -> {
            outbox.forgetLosses(epoch, ranges);
            return true;
        });
    }

    @Override
    public void renewEpoch(String why) throws OutboxException {
        damage = why;
        failure = why;
        reopenWhenBroken();
    }

    @Override
    public List<DeadLetter> deadLetters(int limit) throws OutboxException {
        return read(outbox -> outbox.deadLetters(limit));
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            closed = true;
            if (current != null) {
                lastStats = current.stats();
                current.close();
                current = null;
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
