package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.ChunkWriter;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.column.CorruptColumnException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Merges fragments. Flushes leave a note where there is something to fold, in the same write as the fragment, so that none
 * is forgotten; a fold takes the note away. Readings that lost are dropped here; they were counted when they lost.
 */
final class Folder {
    private final EngineParts parts;
    private final ChunkRewriter rewriter;

    Folder(EngineParts parts) {
        this.parts = parts;
        this.rewriter = new ChunkRewriter(parts);
    }

    /** @return whether there was a note to work on */
    boolean work() throws RocksDBException {
        byte[] note = nextNote();
        if (note == null) {
            return false;
        }
        byte[] prefix = Keys.foldPrefix(note);
        String device = ChunkKeys.deviceOfPrefix(prefix);
        Partition partition = parts.partitionOf(device);
        partition.flushLock.lock();
        try (WriteBatch batch = new WriteBatch()) {
            rewriter.rewrite(partition, ChunkKeys.bucket(prefix), device, parts.mask(device));
            batch.delete(parts.store().meta, note);
            fold(ChunkKeys.bucket(prefix), device, batch);
            parts.store().writeChunks(batch, false, partition.number);
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

    private void fold(long bucket, String device, WriteBatch batch) throws RocksDBException {
        Snapshot snapshot = parts.store().snapshot();
        try (FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
            List<Fragment> fragments = reader.fragments(bucket, device);
            for (List<Fragment> set : FoldPlan.of(fragments, parts.options().foldFragments())) {
                fold(set, batch);
            }
        } finally {
            parts.store().release(snapshot);
        }
    }

    private void fold(List<Fragment> set, WriteBatch batch) throws RocksDBException {
        List<Fragment> byTime = new ArrayList<>(set);
        byTime.sort(Comparator.comparingLong(fragment -> fragment.chunk().firstTime()));
        Map<SeriesKey, List<SeriesRows>> series = new TreeMap<>();
        for (Fragment fragment : byTime) {
            try {
                load(fragment, series);
            } catch (CorruptColumnException e) {
                parts.quarantine().report(fragment.key(), String.valueOf(e.getMessage()));
                return;
            }
        }
        List<SeriesRows> merged = new ArrayList<>();
        series.forEach(
                (key, rows) -> merged.add(SeriesMerge.of(rows, List.of(), null).winners()));
        List<List<RowGroup>> pieces = RowGroups.pieces(RowJoiner.join(merged), Flusher.CHUNK_ROWS);
        if (pieces.size() >= set.size()) {
            return; // nothing would be gained
        }
        ChunkWriter writer = new ChunkWriter();
        long written = 0;
        for (int i = 0; i < set.size(); i++) {
            byte[] key = set.get(i).key();
            if (i < pieces.size()) {
                byte[] bytes = writer.encode(pieces.get(i));
                written += bytes.length;
                batch.put(parts.store().chunk, key, bytes);
            } else {
                batch.delete(parts.store().chunk, key);
            }
        }
        parts.metrics().folded(set.size(), written);
    }

    private static void load(Fragment fragment, Map<SeriesKey, List<SeriesRows>> series) throws CorruptColumnException {
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (int i = 0; i < group.channels().size(); i++) {
                ChunkChannel channel = group.channels().get(i);
                series.computeIfAbsent(SeriesKey.of(channel.channel()), unused -> new ArrayList<>())
                        .add(ChunkSeries.load(group, i));
            }
        }
    }
}
