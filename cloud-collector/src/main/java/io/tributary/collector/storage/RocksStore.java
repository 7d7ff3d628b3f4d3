package io.tributary.collector.storage;

import io.tributary.collector.partition.Partitioner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
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
    private static final int INFO_LOGS = 2;
    private static final long INFO_LOG_BYTES = 1 << 20;
    private static final double BLOOM_BITS = 10;
    private static final long MANIFEST_BYTES = 4 << 20;
    /** Tables of fragments that lie over each other: 128 MiB of them with the default write buffer. */
    private static final int CHUNK_TABLES = 16;

    /** Read in some tenths of a second. */
    private static final long CHECKED_BYTES_MAX = 64 << 20;

    /** Column families, in the order of their creation, which gives them their numbers in write-ahead logs. */
    static final List<String> FAMILIES = List.of("default", "chunk", "catalog", "meta", "deadletter", "rollup");

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final AtomicLong generation = new AtomicLong();
    private final AtomicLongArray generations;
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
        RocksDB.loadLibrary();
        Cache cache = keep(new LRUCache(options.blockCacheBytes()));
        long memtable = Math.max(64 << 10, options.writeBufferBytes() / 8);
        DBOptions dbOptions = keep(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setDbWriteBufferSize(options.writeBufferBytes())
                .setMaxTotalWalSize(4 * options.writeBufferBytes())
                .setMaxBackgroundJobs(2)
                // What follows from the log is not logged again: after a crash all families are of one moment.
                .setAtomicFlush(true)
                .setMaxOpenFiles(-1)
                .setParanoidChecks(strictness.checks)
                .setWalRecoveryMode(strictness.wal)
                .setSkipStatsUpdateOnDbOpen(true)
                .setBytesPerSync(1 << 20)
                .setKeepLogFileNum(INFO_LOGS)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setMaxManifestFileSize(MANIFEST_BYTES)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family(cache, memtable / 4)));
        families.add(new ColumnFamilyDescriptor(name("chunk"), chunkFamily(cache, 2 * memtable)));
        families.add(new ColumnFamilyDescriptor(
                name("catalog"), family(cache, memtable).setCompressionType(CompressionType.LZ4_COMPRESSION)));
        families.add(new ColumnFamilyDescriptor(name("meta"), family(cache, memtable)));
        families.add(new ColumnFamilyDescriptor(name("deadletter"), family(cache, memtable)));
        families.add(new ColumnFamilyDescriptor(name("rollup"), family(cache, memtable)));
        this.db = open(dbOptions, directory, families);
        this.chunk = handles.get(1);
        this.catalog = handles.get(2);
        this.meta = handles.get(3);
        this.deadLetters = handles.get(4);
        this.rollup = handles.get(5);
        this.synced = keep(new WriteOptions()).setSync(true);
        this.logged = keep(new WriteOptions());
        this.unlogged = keep(new WriteOptions()).setDisableWAL(true);
    }

    private RocksDB open(DBOptions options, Path directory, List<ColumnFamilyDescriptor> families)
            throws RocksDBException {
        try {
            return RocksDB.open(options, directory.toString(), families, handles);
        } catch (RocksDBException e) {
            closeResources();
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
        int index = FAMILIES.indexOf(name);
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

    private ColumnFamilyOptions family(Cache cache, long memtable) {
        return keep(new ColumnFamilyOptions())
                .setWriteBufferSize(Math.max(64 << 10, memtable))
                .setMaxWriteBufferNumber(3)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTargetFileSizeBase(64 << 20)
                .setTableFormatConfig(table(cache));
    }

    /**
     * Fragments are mostly read by device, from caches, and folded when their bucket has passed: compacting them before that
     * would write every reading once more. A seek looks into so many tables instead.
     */
    private ColumnFamilyOptions chunkFamily(Cache cache, long memtable) {
        return family(cache, memtable)
                .setLevel0FileNumCompactionTrigger(CHUNK_TABLES)
                .setLevel0SlowdownWritesTrigger(4 * CHUNK_TABLES)
                .setLevel0StopWritesTrigger(6 * CHUNK_TABLES);
    }

    private BlockBasedTableConfig table(Cache cache) {
        return new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(false)
                .setFilterPolicy(keep(new BloomFilter(BLOOM_BITS)))
                .setChecksumType(ChecksumType.kCRC32c) // a salvage can check it block by block
                .setFormatVersion(5);
    }

    private static byte[] name(String family) {
        return family.getBytes(StandardCharsets.US_ASCII);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        resources.push(resource);
        return resource;
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

    /** A write that changes chunks and catalog of one partition at most. */
    void writeChunks(WriteBatch batch, boolean sync, int partition) throws RocksDBException {
        db.write(sync ? synced : unlogged, batch);
        generations.incrementAndGet(partition);
    }

    /** A write that changes neither chunks nor catalog. */
    void writeAside(WriteBatch batch, boolean sync) throws RocksDBException {
        db.write(sync ? synced : unlogged, batch);
    }

    /** Grows with every write that may have taken devices out of the catalog. */
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
        closeResources();
    }

    private void closeResources() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("BUG: native options do not close", e);
            }
        }
    }
}
