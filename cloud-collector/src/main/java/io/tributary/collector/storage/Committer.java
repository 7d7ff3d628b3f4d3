package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.RoutedRows;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of log and heads: takes what waits, makes it durable with one fsync, makes it visible, tells the
 * callers.
 *
 * <pre>
 * queue -> group -> log, one fsync -> heads and ledgers -> callbacks
 * </pre>
 *
 * The log is the truth: what the database has of ledgers and dead letters follows, see {@link Checkpoint}.
 */
final class Committer implements BatchWriter {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    /** An append without rows, and what an append costs beside its rows. */
    private static final long APPEND_BYTES = 512;
    /** Of a decoded device: itself, its ID, its map of tags. */
    private static final long DEVICE_BYTES = 230;
    /** Of an entry of that map: itself and two texts. */
    private static final long TAG_BYTES = 140;

    private final EngineParts parts;
    private final CollectorClock clock;
    private final AppendQueue queue;
    /** Why nothing is stored any more; used by the committer's thread only. */
    private @Nullable Throwable broken;

    private final Thread thread = new Thread(this::run, "storage-committer");

    Committer(EngineParts parts, CollectorClock clock) {
        this.parts = parts;
        this.clock = clock;
        this.queue =
                new AppendQueue(parts.options().queueBytes(), parts.options().queueWait());
    }

    void start() {
        thread.start();
    }

    @Override
    public boolean append(Append append, AppendCallback callback) {
        long rejected =
                append.rejections().stream().mapToLong(rows -> rows.readings()).sum();
        if (append.batch().readingCount() + rejected != append.count()) {
            throw new IllegalArgumentException("append of " + append.count() + " sequences with "
                    + append.batch().readingCount() + " readings and " + rejected + " rejected ones");
        }
        long bytes = bytes(append);
        if (!queue.reserve(bytes)) {
            return false;
        }
        List<RoutedRows> routed;
        try {
            routed = parts.router().route(PartitionRouter.rows(append));
        } catch (RuntimeException e) {
            queue.release(bytes);
            throw e;
        }
        SequenceRange range = append.range();
        return queue.add(new AppendQueue.Entry(
                append.origin(), range.first(), range.end(), append, routed, null, callback, bytes));
    }

    @Override
    public boolean recordLoss(Origin origin, long first, long count, String cause, AppendCallback callback) {
        SequenceRange range = new SequenceRange(first, count);
        return queue.reserve(APPEND_BYTES)
                && queue.add(new AppendQueue.Entry(
                        origin, range.first(), range.end(), null, List.of(), cause, callback, APPEND_BYTES));
    }

    @Override
    public List<SequenceRange> received(Origin origin) {
        return parts.book().acknowledged(origin).known().ranges();
    }

    long queuedBytes() {
        return queue.reservedBytes();
    }

    /** What an append holds in memory while it waits: decoded, and as it goes to the log. */
    private static long bytes(Append append) {
        long bytes = APPEND_BYTES;
        byte[] encoded = append.encoded();
        if (encoded != null) {
            bytes += encoded.length;
        }
        for (Table table : append.batch().tables()) {
            bytes += 24L * table.rows() + 200L * table.columns().length;
            for (Column column : table.columns()) {
                bytes += column.isEncodedOnly() ? 0 : 10L * column.size();
            }
        }
        for (var rows : append.rejections()) {
            byte[] payload = rows.payload();
            bytes += payload == null ? 0 : payload.length;
        }
        for (Device device : append.batch().devices()) {
            bytes += DEVICE_BYTES
                    + device.id().length()
                    + TAG_BYTES * device.tags().size()
                    + device.tagChars();
        }
        return bytes;
    }

    private void run() {
        try {
            while (true) {
                List<AppendQueue.Entry> group = queue.take(parts.options().groupBytes());
                if (group.isEmpty()) {
                    return;
                }
                try {
                    parts.backlog().awaitRoom();
                    parts.lifecycle().commits().lock();
                    try {
                        commit(group);
                    } finally {
                        parts.lifecycle().commits().unlock();
                    }
                } finally {
                    group.forEach(entry -> queue.release(entry.bytes()));
                }
            }
        } catch (InterruptedException e) {
            LOG.error("BUG: the committer was interrupted; nothing will be stored any more", e);
        }
    }

    private void commit(List<AppendQueue.Entry> group) {
        Throwable fault = broken;
        if (fault != null) {
            group.forEach(entry -> failed(entry, fault));
            return;
        }
        // Failures of single appends wait for the others: callers are told in the order in which they came.
        Map<AppendQueue.Entry, Throwable> refused = new IdentityHashMap<>(0);
        try {
            GroupCommit commit = new GroupCommit(parts, clock);
            for (AppendQueue.Entry entry : group) {
                try {
                    commit.add(entry);
                } catch (RuntimeException e) {
                    LOG.warn("an append of {} could not be written: {}", entry.origin(), e.toString());
                    refused.put(entry, e);
                }
            }
            if (!commit.staged().isEmpty()) {
                long begin = System.nanoTime();
                LogPosition[] positions = parts.log().append(commit.records());
                count(commit, positions, (System.nanoTime() - begin) / 1e9);
                publish(commit, positions);
                writeLetters(commit);
            }
            tell(group, commit, refused);
        } catch (IOException e) {
            parts.metrics().commitFailed();
            group.forEach(entry -> failed(entry, e));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("BUG: memory and log of the store may differ; nothing is stored until the next start", e);
            broken = e;
            group.forEach(entry -> failed(entry, e));
        }
    }

    private void tell(List<AppendQueue.Entry> group, GroupCommit commit, Map<AppendQueue.Entry, Throwable> refused) {
        int next = 0;
        for (AppendQueue.Entry entry : group) {
            Throwable cause = refused.get(entry);
            if (cause != null) {
                failed(entry, cause);
                continue;
            }
            GroupCommit.Staged staged = commit.staged().get(next++);
            parts.book().acknowledge(entry.origin(), staged.ledger());
            call(() -> entry.callback().durable(staged.record().collectorTimeNs()));
        }
    }

    private void count(GroupCommit commit, LogPosition[] positions, double seconds) {
        long readings = 0;
        long redelivered = 0;
        long batches = 0;
        for (GroupCommit.Staged staged : commit.staged()) {
            redelivered += staged.redelivered();
            readings += staged.record().readings();
            batches += staged.record().batch().length;
        }
        long bytes = positions[positions.length - 1].position() - positions[0].position();
        parts.metrics().committed(readings, redelivered, bytes, batches, seconds);
    }

    private void publish(GroupCommit commit, LogPosition[] positions) {
        LogPosition end = positions[positions.length - 1];
        parts.publication().lock();
        try {
            for (int i = 0; i < commit.staged().size(); i++) {
                GroupCommit.Staged staged = commit.staged().get(i);
                for (RoutedRows routed : staged.routed()) {
                    parts.partitions()[routed.partition()].append(
                            parts.backlog(),
                            positions[i].position(),
                            staged.record().origin(),
                            staged.record().collectorTimeNs(),
                            routed);
                }
                parts.backlog().logged(positions[i + 1].position());
            }
            for (Map.Entry<Origin, OriginLedger> each : commit.ledgers().entrySet()) {
                parts.book().publish(each.getKey(), each.getValue());
            }
            parts.checkpoint().published(end, clock.last());
        } finally {
            parts.publication().unlock();
        }
        parts.lifecycle().tail().grown(end);
    }

    /** They are in the log already: what cannot be written here is written with the next checkpoint. */
    private void writeLetters(GroupCommit commit) {
        List<DeadLetters.Letter> letters = new ArrayList<>();
        for (GroupCommit.Staged staged : commit.staged()) {
            letters.addAll(Ledgers.letters(staged.record()));
        }
        if (letters.isEmpty()) {
            return;
        }
        try {
            parts.checkpoint().write(letters);
        } catch (RocksDBException e) {
            LOG.warn("{} dead letters cannot be shown yet: {}", letters.size(), e.getMessage());
        }
    }

    private static void failed(AppendQueue.Entry entry, Throwable cause) {
        call(() -> entry.callback().failed(cause));
    }

    private static void call(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.error("BUG: a callback of the writer threw", e);
        }
    }

    /** Commits what waits, then ends. */
    void close() {
        queue.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
