package io.tributary.collector.storage;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Merges fragments. Flushes leave a note where there is something to fold, in the same write as the fragment, so that none
 * is forgotten; a fold takes the note away. There is one kind for what is to be folded at once, because fragments are many,
 * and one for late rows, which wait a while for others. Readings that lost are dropped here; they were counted when they
 * lost.
 */
final class Folder {
    /** How often notes of late rows are looked through. */
    private static final long LOOK_NS = 5_000_000_000L;

    private final EngineParts parts;
    private final ChunkRewriter rewriter;
    private final FragmentMerge merge;
    private final InstantSource clock;
    /** Before this no note of late rows is due. */
    private volatile long nextLateNs = Long.MIN_VALUE;

    Folder(EngineParts parts, InstantSource clock) {
        this.parts = parts;
        this.rewriter = new ChunkRewriter(parts);
        this.merge = new FragmentMerge(parts);
        this.clock = clock;
    }

    /** @return whether there was a note to work on */
    boolean work() throws RocksDBException {
        byte[] note = nextNote();
        note = note == null ? nextLateNote(CollectorClock.nanos(clock.instant())) : note;
        if (note == null) {
            return false;
        }
        byte[] prefix = Keys.notedPrefix(note);
        String device = ChunkKeys.deviceOfPrefix(prefix);
        Partition partition = parts.partitionOf(device);
        partition.flushLock.lock();
        try (WriteBatch batch = new WriteBatch()) {
            rewriter.rewrite(partition, ChunkKeys.bucket(prefix), device, parts.mask(device));
            batch.delete(parts.store().meta, Keys.fold(prefix));
            batch.delete(parts.store().meta, Keys.lateFold(prefix));
            fold(ChunkKeys.bucket(prefix), device, batch);
            parts.store().writeChunks(batch, partition.number, ChunkKeys.bucket(prefix), ChunkKeys.bucket(prefix));
        } finally {
            partition.flushLock.unlock();
        }
        return true;
    }

    private byte @Nullable [] nextNote() throws RocksDBException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            each.seek(Keys.FOLDS);
            boolean found = each.isValid() && Keys.startsWith(each.key(), Keys.FOLDS);
            each.status();
            return found ? each.key() : null;
        }
    }

    private byte @Nullable [] nextLateNote(long now) throws RocksDBException {
        if (now < nextLateNs) {
            return null;
        }
        long earliest = now + Flusher.LATE_FOLD_DELAY_NS;
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            for (each.seek(Keys.LATE_FOLDS); each.isValid(); each.next()) {
                if (!Keys.startsWith(each.key(), Keys.LATE_FOLDS)) {
                    break;
                }
                long due = Keys.longAt(each.value(), 0);
                if (due <= now) {
                    return each.key();
                }
                earliest = Math.min(earliest, due);
            }
            each.status();
        }
        // What a flush notes from here on is due later, unless its rows waited long; then it is folded a little late.
        nextLateNs = Math.min(earliest, now + LOOK_NS);
        return null;
    }

    private void fold(long bucket, String device, WriteBatch batch) throws RocksDBException {
        Snapshot snapshot = parts.store().snapshot();
        try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
            List<Fragment> fragments = reader.fragments(bucket, device);
            for (List<Fragment> set : FoldPlan.of(fragments, parts.options().foldFragments())) {
                merge.merge(set, batch);
            }
        } finally {
            parts.store().release(snapshot);
        }
    }
}
