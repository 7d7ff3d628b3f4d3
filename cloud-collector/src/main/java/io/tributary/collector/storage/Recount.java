package io.tributary.collector.storage;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.Chunk;
import io.tributary.collector.chunk.ChunkChannel;
import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Partitioner;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes counts and catalog anew from the chunks, after a {@link StoreSalvage}: what is stored per origin, partition and
 * bucket, what the catalog has to know, above which number fragments begin. What became of other readings is taken from
 * what is left of the accounts; readings that then are nowhere are counted as lost by {@link Recovery}. Run before any
 * thread is started; can be run again.
 */
final class Recount {
    private static final Logger LOG = LoggerFactory.getLogger(Recount.class);
    private static final long WRITE_BYTES = 1 << 20;

    private final RocksStore store;
    private final Partitioner partitioner;
    private final long[] nextFragment;
    private final long[] devices;
    /** By partition. */
    private final List<Map<Origin, Long>> stored = new ArrayList<>();
    /** Of the bucket that is being counted, by partition. */
    private final List<Map<Origin, Long>> ofBucket = new ArrayList<>();

    private final Map<Origin, long[]> sequences = new TreeMap<>();
    private final WriteBatch batch = new WriteBatch();

    private Recount(RocksStore store, int partitions) {
        this.store = store;
        this.partitioner = new Partitioner(partitions);
        this.nextFragment = new long[partitions];
        this.devices = new long[partitions];
        for (int i = 0; i < partitions; i++) {
            stored.add(new HashMap<>());
            ofBucket.add(new HashMap<>());
        }
    }

    /** Does nothing where nothing was salvaged. */
    static void ifSalvaged(RocksStore store, int partitions) throws RocksDBException, CorruptColumnException {
        if (store.get(store.meta, Keys.SALVAGED) == null) {
            return;
        }
        Recount recount = new Recount(store, partitions);
        try {
            recount.run();
        } finally {
            recount.batch.close();
        }
    }

    private void run() throws RocksDBException, CorruptColumnException {
        deleteTallies();
        countChunks();
        countDevices();
        writeAccounts();
        writePartitions();
        batch.delete(store.meta, Keys.SALVAGED);
        store.write(batch, false);
        store.flushTables();
        LOG.warn(
                "counts and catalog are made anew from the chunks of {} devices",
                Arrays.stream(devices).sum());
    }

    private void writeSome() throws RocksDBException {
        if (batch.getDataSize() > WRITE_BYTES) {
            store.write(batch, false);
            batch.clear();
        }
    }

    private void deleteTallies() throws RocksDBException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = store.iterator(store.meta, options)) {
            for (each.seek(Keys.TALLIES); each.isValid() && Keys.startsWith(each.key(), Keys.TALLIES); each.next()) {
                batch.delete(store.meta, each.key());
                writeSome();
            }
            each.status();
        }
    }

    /** Fragments of a device in a bucket lie behind each other, and so do the devices of a bucket. */
    private void countChunks() throws RocksDBException {
        byte @Nullable [] prefix = null;
        long bucket = 0;
        List<Chunk> fragments = new ArrayList<>();
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = store.iterator(store.chunk, options)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                byte[] key = each.key();
                if (prefix == null || !ChunkKeys.isUnder(prefix, key)) {
                    countDevice(prefix, fragments);
                    if (prefix != null && bucket != ChunkKeys.bucket(key)) {
                        writeTallies(bucket);
                    }
                    prefix = Arrays.copyOf(key, key.length - 4);
                    bucket = ChunkKeys.bucket(key);
                    fragments.clear();
                }
                int partition = partitioner.of(ChunkKeys.device(key));
                nextFragment[partition] = Math.max(nextFragment[partition], ChunkKeys.number(key) + 1);
                open(key, each.value(), fragments);
            }
            each.status();
        }
        countDevice(prefix, fragments);
        writeTallies(bucket);
    }

    private static void open(byte[] key, byte[] value, List<Chunk> to) {
        try {
            to.add(Chunk.open(value));
        } catch (CorruptColumnException e) {
            LOG.error("chunk of device {} does not count: {}", ChunkKeys.device(key), e.getMessage());
        }
    }

    private void countDevice(byte @Nullable [] prefix, List<Chunk> fragments) throws RocksDBException {
        if (prefix == null || fragments.isEmpty()) {
            return;
        }
        String device = ChunkKeys.deviceOfPrefix(prefix);
        int partition = partitioner.of(device);
        Map<Origin, Long> counts = overlap(fragments) ? merged(device, fragments) : told(fragments);
        counts.forEach((origin, readings) -> {
            stored.get(partition).merge(origin, readings, Long::sum);
            ofBucket.get(partition).merge(origin, readings, Long::sum);
        });
        if (fragments.size() > 1) {
            batch.put(store.meta, Keys.fold(prefix), new byte[0]);
        }
        byte[] key = Utf8.encode(device);
        byte[] known = store.get(store.catalog, key);
        DeviceRecord record = StoreCatalog.decode(device, known);
        for (Chunk chunk : fragments) {
            for (ChunkGroup group : chunk.groups()) {
                for (ChunkChannel channel : group.channels()) {
                    record.recover(channel.channel(), channel.firstTime(), channel.lastTime());
                }
            }
        }
        byte[] told = record.encode();
        if (!Arrays.equals(known, told)) {
            store.put(store.catalog, key, told); // at once: the next bucket of the device reads it
        }
        writeSome();
    }

    private static boolean overlap(List<Chunk> fragments) {
        List<Chunk> byTime = new ArrayList<>(fragments);
        byTime.sort((a, b) -> Long.compare(a.firstTime(), b.firstTime()));
        long last = Long.MIN_VALUE;
        for (Chunk chunk : byTime) {
            if (chunk.firstTime() <= last) {
                return true;
            }
            last = Math.max(last, chunk.lastTime());
        }
        return false;
    }

    private Map<Origin, Long> told(List<Chunk> fragments) {
        Map<Origin, Long> counts = new HashMap<>();
        for (Chunk chunk : fragments) {
            chunk.origins().forEach(of -> counts.merge(of.origin(), of.readings(), Long::sum));
            try {
                for (ChunkGroup group : chunk.groups()) {
                    see(group);
                }
            } catch (CorruptColumnException e) {
                LOG.error("sequences of a chunk are not seen: {}", e.getMessage());
            }
        }
        return counts;
    }

    /** Of several readings of a series and event time the one that won counts. */
    private Map<Origin, Long> merged(String device, List<Chunk> fragments) {
        Map<SeriesKey, List<SeriesRows>> series = new TreeMap<>();
        for (Chunk chunk : fragments) {
            try {
                for (ChunkGroup group : chunk.groups()) {
                    for (int i = 0; i < group.channels().size(); i++) {
                        series.computeIfAbsent(
                                        SeriesKey.of(group.channels().get(i).channel()), unused -> new ArrayList<>())
                                .add(ChunkSeries.load(group, i));
                    }
                    see(group);
                }
            } catch (CorruptColumnException e) {
                LOG.error("a chunk of device {} counts in parts: {}", device, e.getMessage());
            }
        }
        Map<Origin, Long> counts = new HashMap<>();
        series.forEach((key, rows) -> {
            SeriesRows winners = SeriesMerge.of(rows, List.of(), null).winners();
            for (int i = 0; i < winners.size(); i++) {
                counts.merge(winners.origins()[i], 1L, Long::sum);
            }
        });
        return counts;
    }

    /** The lowest and the highest sequence of each origin. */
    private void see(ChunkGroup group) throws CorruptColumnException {
        Origin[] origins = group.origins();
        long[] first = group.sequences();
        for (int row = 0; row < group.rows(); row++) {
            long sequence = first[row];
            long[] seen = sequences.computeIfAbsent(origins[row], unused -> new long[] {Long.MAX_VALUE, 0});
            seen[0] = Math.min(seen[0], sequence);
            seen[1] = Math.max(seen[1], sequence + group.channels().size());
        }
    }

    private void writeTallies(long bucket) throws RocksDBException {
        for (int partition = 0; partition < ofBucket.size(); partition++) {
            for (Map.Entry<Origin, Long> each : ofBucket.get(partition).entrySet()) {
                batch.put(store.meta, Keys.tally(partition, bucket, each.getKey()), Keys.longs(each.getValue()));
            }
            ofBucket.get(partition).clear();
            writeSome();
        }
    }

    private void countDevices() throws RocksDBException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = store.iterator(store.catalog, options)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                devices[partitioner.of(new String(each.key(), java.nio.charset.StandardCharsets.UTF_8))]++;
            }
            each.status();
        }
    }

    private void writeAccounts() throws RocksDBException, CorruptColumnException {
        OriginBook book = new OriginBook(store);
        book.load();
        Map<Origin, OriginLedger> ledgers = new TreeMap<>();
        book.origins().forEach(origin -> ledgers.put(origin, book.ledger(origin)));
        // Without the place where they end, ledgers are told of the whole log again.
        boolean replayed = store.get(store.meta, Keys.LEDGERS) == null;
        sequences.keySet().forEach(origin -> ledgers.putIfAbsent(origin, OriginLedger.EMPTY));
        for (Map.Entry<Origin, OriginLedger> each : ledgers.entrySet()) {
            writeAccount(book, each.getKey(), replayed ? each.getValue().withoutRejections() : each.getValue());
            writeSome();
        }
    }

    private void writeAccount(OriginBook book, Origin origin, OriginLedger ledger) throws RocksDBException {
        SettledCounts total = SettledCounts.ZERO;
        for (int partition = 0; partition < stored.size(); partition++) {
            byte[] key = Keys.settled(Keys.origin(origin), partition);
            SettledCounts before = SettledCounts.of(store.get(store.meta, key));
            SettledCounts after = before.recount(stored.get(partition).getOrDefault(origin, 0L));
            total = total.plus(after);
            if (!after.equals(before)) {
                batch.put(store.meta, key, after.encode());
            }
        }
        OriginAccount account =
                ledger.account(total.stored(), total.duplicate(), total.replaced(), total.expired(), total.erased());
        long settled = total.stored()
                + total.duplicate()
                + total.replaced()
                + total.damaged()
                + total.expired()
                + total.erased()
                + account.rejectedReadings();
        long[] seen = sequences.get(origin);
        OriginLedger after = ledger;
        if (account.receivedReadings() < settled && seen != null) {
            after = ledger.arrive(seen[0], Math.max(seen[1], seen[0] + settled)); // its intervals were lost
        }
        book.write(batch, origin, after);
    }

    private void writePartitions() throws RocksDBException {
        for (int partition = 0; partition < nextFragment.length; partition++) {
            byte[] state = store.get(store.meta, Keys.partition(partition));
            long flushed = state == null ? 0 : Keys.longAt(state, 0);
            long next = Math.max(nextFragment[partition], state == null ? 0 : Keys.longAt(state, 1));
            batch.put(store.meta, Keys.partition(partition), Keys.longs(flushed, next, devices[partition]));
        }
    }

    /**
     * Where the accounts had forgotten up to where the log is in chunks, more of it was replayed than was needed, and
     * readings met themselves: they are no duplicates.
     */
    static void reconcile(EngineParts parts) throws RocksDBException {
        Accounts accounts = new Accounts(parts);
        for (Origin origin : parts.book().origins()) {
            OriginAccount account = accounts.account(origin);
            long excess = account.stored()
                    + account.duplicate()
                    + account.replaced()
                    + account.expired()
                    + account.erased()
                    + account.rejectedReadings()
                    - account.receivedReadings();
            if (excess <= 0) {
                continue;
            }
            long duplicate = Math.min(excess, account.duplicate());
            long replaced = Math.min(excess - duplicate, account.replaced());
            byte[] key = Keys.settled(Keys.origin(origin), 0);
            SettledCounts before = SettledCounts.of(parts.store().get(parts.store().meta, key));
            SettledCounts after = before.plus(new SettledCounts(0, -duplicate, -replaced, 0, 0, 0));
            OriginLedger ledger = parts.book().ledger(origin);
            OriginLedger wider = ledger;
            long left = excess - duplicate - replaced;
            if (left > 0) { // intervals of what had arrived are lost, too
                long end = account.received().isEmpty()
                        ? 0
                        : account.received().get(account.received().size() - 1).end();
                wider = ledger.arrive(end, end + left);
            }
            parts.store().put(parts.store().meta, key, after.encode());
            if (wider != ledger) {
                parts.book().publish(origin, wider);
                parts.book().acknowledge(origin, wider);
                parts.checkpoint().writeLedgers();
            }
            LOG.warn("{} readings of {} were counted twice by the replay, and are not any more", excess, origin);
        }
    }
}
