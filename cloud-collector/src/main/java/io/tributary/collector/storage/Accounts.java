package io.tributary.collector.storage;

import io.tributary.collector.account.AccountReader;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;

/**
 * Accounts of one moment: what flushes settled, plus what a flush of the heads would settle. The latter is worked out for
 * all origins at once and kept until the heads change.
 */
final class Accounts implements AccountReader {
    private final EngineParts parts;
    /** By partition; guarded by this. */
    private final Pending[] cached;

    /** What the records {@code [from, to)} of a partition come to. */
    private record Pending(long from, long to, Masks masks, Settlement settlement) {}

    /**
     * The heads of a partition at one moment.
     *
     * @param flushing null when there was none
     * @param appends of the active head; later ones do not count
     */
    private record Captured(
            Partition partition, @Nullable Head flushing, Head active, int appends, long activeFrom, long end) {}

    Accounts(EngineParts parts) {
        this.parts = parts;
        this.cached = new Pending[parts.partitions().length];
    }

    @Override
    public List<Origin> origins() {
        return parts.book().origins();
    }

    @Override
    public synchronized OriginAccount account(Origin origin) {
        parts.leases().acquire();
        try {
            return exact(origin);
        } catch (RocksDBException e) {
            throw new StorageException("account of " + origin + " cannot be read", e);
        } finally {
            parts.leases().release();
        }
    }

    private OriginAccount exact(Origin origin) throws RocksDBException {
        OriginLedger ledger;
        List<Captured> heads = new ArrayList<>();
        Snapshot snapshot;
        Masks masks;
        parts.publication().lock();
        try {
            masks = parts.lifecycle().masks();
            ledger = parts.book().ledger(origin);
            if (ledger == OriginLedger.EMPTY) {
                return OriginAccount.EMPTY;
            }
            for (Partition partition : parts.partitions()) {
                heads.add(capture(partition));
            }
            snapshot = parts.store().snapshot();
        } finally {
            parts.publication().unlock();
        }
        try {
            SettledCounts counts = settled(origin, snapshot);
            for (Captured captured : heads) {
                counts = counts.plus(pending(captured, masks, snapshot).of(origin));
            }
            if (counts.damaged() > 0) {
                ledger = ledger.reject(QuarantineWork.DAMAGED, counts.damaged());
            }
            return ledger.account(
                    counts.stored(), counts.duplicate(), counts.replaced(), counts.expired(), counts.erased());
        } finally {
            parts.store().release(snapshot);
        }
    }

    private static Captured capture(Partition partition) {
        synchronized (partition) {
            Head active = partition.active();
            return new Captured(
                    partition, partition.flushing(), active, active.appends(), active.firstOffset, active.endOffset());
        }
    }

    /** A flush may have ended between the capture and the snapshot; its offset in the snapshot tells. */
    private Settlement pending(Captured captured, Masks masks, Snapshot snapshot) throws RocksDBException {
        int number = captured.partition.number;
        long flushed = ReadMoment.flushedOffset(parts, captured.partition, snapshot);
        if (flushed >= captured.end) {
            return new Settlement();
        }
        Pending known = cached[number];
        if (known != null && known.to == captured.end && known.from == flushed && known.masks.sameAs(masks)) {
            return known.settlement;
        }
        Settlement settlement = settle(captured, flushed < captured.activeFrom, masks, snapshot);
        cached[number] = new Pending(flushed, captured.end, masks, settlement);
        return settlement;
    }

    private Settlement settle(Captured captured, boolean withFlushing, Masks masks, Snapshot snapshot)
            throws RocksDBException {
        Map<String, List<HeadDevice>> devices = new TreeMap<>();
        synchronized (captured.partition) {
            Head flushing = captured.flushing;
            if (withFlushing && flushing != null) {
                collect(flushing, Integer.MAX_VALUE, devices);
            }
            collect(captured.active, captured.appends, devices);
        }
        Settlement settlement = new Settlement();
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot);
                FragmentReader reader = new FragmentReader(parts.store(), parts.quarantine(), snapshot, false)) {
            DeviceSettler settler = new DeviceSettler(
                    reader, parts.quarantine(), parts.options().bucket().toNanos());
            for (Map.Entry<String, List<HeadDevice>> device : devices.entrySet()) {
                List<RowGroup> groups = new ArrayList<>();
                for (HeadDevice held : device.getValue()) {
                    groups.addAll(held.groups(Long.MIN_VALUE, Long.MAX_VALUE));
                }
                byte[] known = parts.store().get(parts.store().catalog, options, Utf8.encode(device.getKey()));
                String id = device.getKey();
                Mask mask = masks.of(id, () -> Lifecycle.tags(known, id, device.getValue()));
                settler.settle(id, groups, DeviceRecord.lastEventTime(known), mask, settlement);
            }
        }
        return settlement;
    }

    private static void collect(Head head, int appends, Map<String, List<HeadDevice>> devices) {
        for (HeadDevice device : head.all(appends)) {
            devices.computeIfAbsent(device.id(), unused -> new ArrayList<>(1)).add(device);
        }
    }

    private SettledCounts settled(Origin origin, Snapshot snapshot) throws RocksDBException {
        byte[] prefix = Keys.settledPrefix(Keys.origin(origin));
        SettledCounts sum = SettledCounts.ZERO;
        try (ReadOptions options = new ReadOptions().setSnapshot(snapshot);
                RocksIterator each = parts.store().iterator(parts.store().meta, options)) {
            for (each.seek(prefix); each.isValid() && Keys.startsWith(each.key(), prefix); each.next()) {
                sum = sum.plus(SettledCounts.of(each.value()));
            }
            each.status();
        }
        return sum;
    }
}
