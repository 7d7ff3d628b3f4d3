package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.RowGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Goes from bucket to bucket; inside one, chunks and head rows that overlap in time become one merged block, a chunk that
 * nothing overlaps is a block as it is.
 */
final class EngineCursor implements BlockCursor {
    private final EngineParts parts;
    private final Owner owner;
    private final FragmentSource reader;
    private final Mask mask;
    private final String device;
    private final @Nullable Set<String> names;
    private final long fromNs;
    private final long toNs;
    private final boolean ascending;
    private final long lastBucket;
    private final TreeMap<Long, List<RowGroup>> fresh;
    private final Deque<DeviceBlock> ready = new ArrayDeque<>();

    private long bucket;
    private long current;
    private boolean ended;
    private boolean closed;

    /** What ends with a cursor. */
    interface Owner {
        void close();
    }

    EngineCursor(
            EngineParts parts,
            ReadMoment moment,
            Owner owner,
            String device,
            @Nullable Set<String> names,
            long fromNs,
            long toNs,
            boolean ascending) {
        this.parts = parts;
        this.owner = owner;
        this.reader = moment.fragments();
        this.mask = moment.mask();
        this.device = device;
        this.names = names;
        this.fromNs = Math.max(fromNs, mask.fromNs());
        this.toNs = toNs;
        this.ascending = ascending;
        long bucketNs = parts.options().bucket().toNanos();
        List<RowGroup> groups = new ArrayList<>();
        for (HeadDevice held : moment.heads()) {
            groups.addAll(held.groups(this.fromNs, toNs));
        }
        this.fresh = RowGroups.byBucket(groups, bucketNs);
        long low = Math.floorDiv(this.fromNs, bucketNs);
        long high = Math.floorDiv(toNs - 1, bucketNs);
        this.bucket = ascending ? low : high;
        this.lastBucket = ascending ? high : low;
        this.ended = this.fromNs >= toNs;
    }

    @Override
    public @Nullable DeviceBlock next() {
        if (closed) {
            throw new IllegalStateException("BUG: next of a closed cursor");
        }
        try {
            while (ready.isEmpty() && !ended) {
                advance();
            }
        } catch (RocksDBException e) {
            throw new StorageException("chunks of device " + device + " cannot be read", e);
        }
        return ready.poll();
    }

    private void advance() throws RocksDBException {
        OptionalLong stored = reader.nearestBucket(device, bucket, lastBucket, ascending);
        Long held = ascending ? fresh.ceilingKey(bucket) : fresh.floorKey(bucket);
        if (stored.isEmpty() && held == null) {
            ended = true;
            return;
        }
        long at;
        if (held == null) {
            at = stored.getAsLong();
        } else if (stored.isEmpty()) {
            at = held;
        } else {
            at = ascending ? Math.min(held, stored.getAsLong()) : Math.max(held, stored.getAsLong());
        }
        collect(at);
        ended = at == lastBucket;
        bucket = ascending ? at + 1 : at - 1;
    }

    /** A chunk or a group of a head, and the time that it covers. */
    private record Part(
            long first,
            long last,
            @Nullable Fragment fragment,
            @Nullable RowGroup group) {}

    private void collect(long at) throws RocksDBException {
        List<Part> all = new ArrayList<>();
        for (Fragment fragment : reader.fragments(at, device)) {
            if (fragment.overlaps(fromNs, toNs - 1) && hasAsked(fragment)) {
                all.add(new Part(fragment.chunk().firstTime(), fragment.chunk().lastTime(), fragment, null));
            }
        }
        for (RowGroup held : fresh.getOrDefault(at, List.of())) {
            RowGroup group = mask.unexpired(held, at, null);
            if (group != null) {
                all.add(new Part(group.eventTimes()[0], group.eventTimes()[group.rows() - 1], null, group));
            }
        }
        this.current = at;
        all.sort(Comparator.comparingLong(Part::first));
        int from = 0;
        while (from < all.size()) {
            long last = all.get(from).last;
            int to = from + 1;
            while (to < all.size() && all.get(to).first <= last) {
                last = Math.max(last, all.get(to).last);
                to++;
            }
            add(all.subList(from, to));
            from = to;
        }
    }

    private boolean hasAsked(Fragment fragment) {
        if (names == null) {
            return true;
        }
        for (ChunkGroup group : fragment.chunk().groups()) {
            for (ChunkChannel channel : group.channels()) {
                if (names.contains(channel.channel().name())) {
                    return true;
                }
            }
        }
        return false;
    }

    private void add(List<Part> cluster) {
        DeviceBlock block;
        Fragment only = cluster.get(0).fragment;
        if (cluster.size() == 1 && only != null) {
            block = new ChunkBlock(device, only, parts.quarantine(), names, fromNs, toNs, mask, current);
        } else {
            MergedBlock.Builder builder = new MergedBlock.Builder(names, parts.quarantine(), mask, current);
            for (Part part : cluster) {
                if (part.fragment != null) {
                    builder.addSettled(part.fragment, fromNs, toNs);
                } else if (part.group != null) {
                    builder.addFresh(part.group);
                }
            }
            block = builder.build(device, fromNs, toNs);
        }
        if (block.channels().isEmpty()) {
            return;
        }
        if (ascending) {
            ready.addLast(block);
        } else {
            ready.addFirst(block);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            reader.close();
            owner.close();
        }
    }
}
