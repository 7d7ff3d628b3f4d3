package io.tributary.collector.storage;

import io.tributary.collector.chunk.Chunk;
import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * What the chunks of a store are made of, in bytes. Reads every chunk's header, nothing of its body; not for a store that is
 * open elsewhere.
 *
 * @param keys of chunks, which RocksDB keeps with them
 * @param headers of chunks: names, statistics, lengths
 * @param event, edge, collector times of rows
 * @param sequences of rows, and their origins
 */
public record StoreSizes(
        long chunks,
        long rows,
        long values,
        long keys,
        long headers,
        long event,
        long edge,
        long collector,
        long sequences,
        List<OfChannel> channels) {

    public StoreSizes {
        channels = List.copyOf(channels);
    }

    /** Columns of all channels of a name and type: values, which rows have one, quality. */
    public record OfChannel(String name, ValueType type, long values, long bytes) {}

    /** All of it. */
    public long bytes() {
        long bytes = keys + headers + event + edge + collector + sequences;
        for (OfChannel channel : channels) {
            bytes += channel.bytes();
        }
        return bytes;
    }

    /** @throws IOException when the directory holds no store, or one that is in use */
    public static StoreSizes of(Path directory) throws IOException {
        try (RocksStore store = RocksStore.open(directory, EngineOptions.DEFAULT);
                ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = store.iterator(store.chunk, options)) {
            Sum sum = new Sum();
            for (each.seekToFirst(); each.isValid(); each.next()) {
                sum.add(each.key().length, each.value());
            }
            each.status();
            return sum.sizes();
        } catch (RocksDBException | CorruptColumnException e) {
            throw new IOException("chunks in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static final class Sum {
        private final TreeMap<SeriesKey, long[]> channels = new TreeMap<>();
        private long chunks;
        private long rows;
        private long values;
        private long keys;
        private long all;
        private long event;
        private long edge;
        private long collector;
        private long sequences;

        void add(int keyBytes, byte[] bytes) throws CorruptColumnException {
            chunks++;
            keys += keyBytes;
            all += bytes.length;
            for (ChunkGroup group : Chunk.open(bytes).groups()) {
                ChunkGroup.SharedBytes shared = group.sharedBytes();
                rows += group.rows();
                event += shared.event();
                edge += shared.edge();
                collector += shared.collector();
                sequences += shared.sequence() + shared.origin();
                for (ChunkChannel channel : group.channels()) {
                    long[] of = channels.computeIfAbsent(SeriesKey.of(channel.channel()), unused -> new long[2]);
                    values += channel.count();
                    of[0] += channel.count();
                    of[1] += channel.bytes();
                }
            }
        }

        StoreSizes sizes() {
            List<OfChannel> list = new ArrayList<>();
            long body = event + edge + collector + sequences;
            for (var each : channels.entrySet()) {
                body += each.getValue()[1];
                list.add(new OfChannel(
                        each.getKey().name(), each.getKey().type(), each.getValue()[0], each.getValue()[1]));
            }
            return new StoreSizes(chunks, rows, values, keys, all - body, event, edge, collector, sequences, list);
        }
    }
}
