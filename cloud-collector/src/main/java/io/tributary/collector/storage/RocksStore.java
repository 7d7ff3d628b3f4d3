package io.tributary.collector.storage;

import io.tributary.collector.partition.Partitioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.TickerType;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database: its column families, its budgets, and nothing of what lies in it.
 *
 * <pre>
 * chunk       levels, uncompressed: the columns are packed already
 * catalog     levels, LZ4
 * meta        levels
 * deadletter  levels
 * rollup      levels, uncompressed
 * </pre>
 *
 * What follows from the log of the store (nearly everything) is not in the database's write-ahead log: it is in memory
 * until tables are written, of all families at once.
 *
 * Any thread, until {@link #close}.
 */
final class RocksStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);
    /** Read in some tenths of a second. */
    private static final long CHECKED_BYTES_MAX = 64 << 20;

    private final RocksOptions options;
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final AtomicLong generation = new AtomicLong();
    private final AtomicLongArray generations;
    /** Buckets of each partition, by its own generation. */
    private final RangeChanges[] changes;

    private final DamagedFiles damaged;
    private final Partitioner partitioner;
    private final RocksDB db;
    private final WriteOptions synced;
    private final WriteOptions logged;
    private final WriteOptions unlogged;

    final ColumnFamilyHandle chunk;
    final ColumnFamilyHandle catalog;
    final ColumnFamilyHandle meta;
    final ColumnFamilyHandle deadLetters;
    final ColumnFamilyHandle rollup;

    /** How much damage a start puts up with. */
    enum Strictness {
        /** None: what is wrong is said. */
        STRICT(true, WALRecoveryMode.TolerateCorruptedTailRecords),
        /** The write-ahead log counts up to where it is damaged, so that what is left fits together. */
        UP_TO_DAMAGE(true, WALRecoveryMode.PointInTimeRecovery),
        /** Tables that cannot be read are found out when they are asked for. */
        WITHOUT_TABLES(false, WALRecoveryMode.PointInTimeRecovery);

        private final boolean checks;
        private final WALRecoveryMode wal;

        Strictness(boolean checks, WALRecoveryMode wal) {
            this.checks = checks;
            this.wal = wal;
        }
    }

    private RocksStore(Path directory, EngineOptions options, DamagedFiles damaged, Strictness strictness)
            throws RocksDBException {
        this.damaged = damaged;
        this.partitioner = new Partitioner(options.partitions());
        this.generations = new AtomicLongArray(options.partitions());
        this.changes = new RangeChanges[options.partitions()];
        Arrays.setAll(changes, partition -> new RangeChanges());
        this.options = new RocksOptions(options, strictness.checks, strictness.wal);
        this.db = open(directory);
        this.chunk = handles.get(1);
        this.catalog = handles.get(2);
        this.meta = handles.get(3);
        this.deadLetters = handles.get(4);
        this.rollup = handles.get(5);
        this.synced = this.options.write(true, false);
        this.logged = this.options.write(false, false);
        this.unlogged = this.options.write(false, true);
    }

    private RocksDB open(Path directory) throws RocksDBException {
        try {
            return RocksDB.open(options.database(), directory.toString(), options.families(), handles);
        } catch (RocksDBException e) {
            options.close();
            throw e;
        }
    }

    static RocksStore open(Path directory, EngineOptions options) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IOException("data directory " + directory + " cannot be created: " + e.getMessage()
                    + "; make its parent writable or configure another directory");
        }
        if (!Files.isWritable(directory)) {
            throw new IOException("data directory " + directory
                    + " is not writable; change its owner or configure another directory");
        }
        return new StoreOpening(directory, options).open();
    }

    /** One attempt. */
    static RocksStore open(Path directory, EngineOptions options, DamagedFiles damaged, Strictness strictness)
            throws RocksDBException {
        return new RocksStore(directory, options, damaged, strictness);
    }

    /** An empty one, to be filled. */
    static RocksStore fresh(Path directory, EngineOptions options) throws RocksDBException {
        return new RocksStore(directory, options, new DamagedFiles(directory), Strictness.STRICT);
    }

    /** Null when there is none of this name. */
    @Nullable
    ColumnFamilyHandle family(String name) {
        int index = RocksOptions.FAMILIES.indexOf(name);
        return index < 0 ? null : handles.get(index);
    }

    /** Names of the tables that make up the database. */
    Set<String> tables() {
        Set<String> names = new HashSet<>();
        for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
            names.add(file.fileName().replace("/", ""));
        }
        return names;
    }

    /** Above every fragment number of a device's partition. */
    long nextFragment(String device) throws RocksDBException {
        byte[] state = get(meta, Keys.partition(partitioner.of(device)));
        return state == null ? 0 : Keys.longAt(state, 1);
    }

    DamagedFiles damaged() {
        return damaged;
    }

    /**
     * Smallest and largest key of the damaged table that a failure tells of, which is noted; null when it tells of none.
     */
    byte @Nullable [][] damagedRange(RocksDBException e) {
        if (!DamagedFiles.isDamage(e)) {
            return null;
        }
        damaged.met(e);
        String file = DamagedFiles.file(e);
        for (LiveFileMetaData live : db.getLiveFilesMetaData()) {
            if (live.fileName().endsWith(file)) {
                return new byte[][] {live.smallestKey(), live.largestKey()};
            }
        }
        return null;
    }

    /**
     * A write that may change chunks or catalog of any partition.
     *
     * @param sync whether the write is durable when the call returns, because it does not follow from the log; otherwise
     *     it is with the tables that are written next
     */
    void write(WriteBatch batch, boolean sync) throws RocksDBException {
        db.write(sync ? synced : unlogged, batch);
        generation.incrementAndGet();
    }

    /**
     * A write that changes chunks and catalog of one partition at most, by whoever has its flush lock.
     *
     * @param low lowest bucket whose chunks it changes
     * @param high highest, inclusive; below {@code low} when it changes none
     */
    void writeChunks(WriteBatch batch, int partition, long low, long high) throws RocksDBException {
        db.write(unlogged, batch);
        if (low <= high) {
            changes[partition].changed(generations.get(partition) + 1, low, high);
        }
        generations.incrementAndGet(partition);
    }

    /** The partition's own generation after the last write that may have changed chunks in {@code [low, high]}. */
    long lastChange(int partition, long low, long high) {
        return changes[partition].last(low, high);
    }

    /** What {@link #generation} is without {@link #removals}. */
    long ownGeneration(int partition) {
        return generations.get(partition);
    }

    /** A write that changes neither chunks nor catalog. */
    void writeAside(WriteBatch batch, boolean sync) throws RocksDBException {
        db.write(sync ? synced : unlogged, batch);
    }

    /** Grows with every write that may have taken devices out of the catalog, or changed any chunk. */
    long removals() {
        return generation.get();
    }

    /** Grows with every write that may have changed chunks or catalog of a partition, before the write returns. */
    long generation(int partition) {
        return generation.get() + generations.get(partition);
    }

    byte @Nullable [] get(ColumnFamilyHandle family, byte[] key) throws RocksDBException {
        try {
            return db.get(family, key);
        } catch (RocksDBException e) {
            return unreadable(family, e);
        }
    }

    byte @Nullable [] get(ColumnFamilyHandle family, ReadOptions options, byte[] key) throws RocksDBException {
        try {
            return db.get(family, options, key);
        } catch (RocksDBException e) {
            return unreadable(family, e);
        }
    }

    /** What is damaged of catalog and rollups begins anew; the next start salvages what is left of its table. */
    private byte @Nullable [] unreadable(ColumnFamilyHandle family, RocksDBException e) throws RocksDBException {
        if (!DamagedFiles.isDamage(e)) {
            throw e;
        }
        damaged.met(e);
        if (family == catalog || family == rollup) {
            return null;
        }
        throw e;
    }

    /** Notes damage for the next start, when a failure tells of any; what to do about it is for the caller. */
    void met(RocksDBException e) {
        if (DamagedFiles.isDamage(e)) {
            damaged.met(e);
        }
    }

    /**
     * Reads accounts and catalog as far as that takes no time, so that damage in them is found while it can be salvaged.
     *
     * @throws RocksDBException when it is found
     */
    void checkSmall() throws RocksDBException {
        for (ColumnFamilyHandle family : List.of(meta, catalog)) {
            if (property(family, "rocksdb.total-sst-files-size") > CHECKED_BYTES_MAX) {
                continue;
            }
            try (ReadOptions options = new ReadOptions().setFillCache(false).setReadaheadSize(1 << 20);
                    RocksIterator each = iterator(family, options)) {
                for (each.seekToFirst(); each.isValid(); each.next()) {
                    // the checksum of every block is checked on the way
                }
                each.status();
            }
        }
    }

    /** Survives a crash when the tables are written next, together with everything that was written before. */
    void put(ColumnFamilyHandle family, byte[] key, byte[] value) throws RocksDBException {
        db.put(family, unlogged, key, value);
    }

    void delete(ColumnFamilyHandle family, byte[] key) throws RocksDBException {
        db.delete(family, unlogged, key);
    }

    /** What does not follow from the log: survives kill -9 at once. */
    void putLogged(ColumnFamilyHandle family, byte[] key, byte[] value) throws RocksDBException {
        db.put(family, logged, key, value);
    }

    void deleteLogged(ColumnFamilyHandle family, byte[] key) throws RocksDBException {
        db.delete(family, logged, key);
    }

    /** Writes what is in memory into tables, of all families at once: everything so far is durable then. */
    void flushTables() throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            db.flush(flush, handles);
        }
    }

    /** Null when the family is empty. */
    byte @Nullable [] firstKey(ColumnFamilyHandle family) throws RocksDBException {
        return keyFrom(family, new byte[0]);
    }

    /** The first key at or behind {@code from}; null when there is none. */
    byte @Nullable [] keyFrom(ColumnFamilyHandle family, byte[] from) throws RocksDBException {
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator at = iterator(family, options)) {
            at.seek(from);
            byte[] key = at.isValid() ? at.key() : null;
            at.status();
            return key;
        } catch (RocksDBException e) {
            return unreadable(family, e);
        }
    }

    /** Gives back the space of files that hold nothing but keys in {@code [from, to)}, which are deleted already. */
    void deleteFiles(ColumnFamilyHandle family, byte[] from, byte[] to) throws RocksDBException {
        db.deleteFilesInRanges(family, List.of(from, to), false);
    }

    /** Writes every file anew, so that what was deleted or overwritten is in none of them. */
    void rewriteFiles() throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true);
                CompactRangeOptions compact = new CompactRangeOptions()
                        .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)
                        .setExclusiveManualCompaction(false)) {
            db.flush(flush, handles);
            for (ColumnFamilyHandle family : handles) {
                db.compactRange(family, null, null, compact);
            }
        }
    }

    /** Gives back the space of chunks that were written anew. */
    void compactChunks(byte[] from, byte[] to) throws RocksDBException {
        db.compactRange(chunk, from, to);
    }

    RocksIterator iterator(ColumnFamilyHandle family, ReadOptions options) {
        return db.newIterator(family, options);
    }

    Snapshot snapshot() {
        return db.getSnapshot();
    }

    void release(Snapshot snapshot) {
        db.releaseSnapshot(snapshot);
        snapshot.close();
    }

    /** 0 when the database does not know. */
    long property(ColumnFamilyHandle family, String name) {
        try {
            return db.getLongProperty(family, name);
        } catch (RocksDBException e) {
            return 0;
        }
    }

    /** What the database has counted since it was opened. */
    long counted(TickerType what) {
        return options.statistics().getTickerCount(what);
    }

    @Override
    public void close() {
        try {
            flushTables();
            db.syncWal();
        } catch (RocksDBException e) {
            LOG.warn(
                    "the next start reads them from the log again: the last writes cannot be kept: {}", e.getMessage());
        }
        handles.forEach(ColumnFamilyHandle::close);
        db.close();
        options.close();
    }
}
