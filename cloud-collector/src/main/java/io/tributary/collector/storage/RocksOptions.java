package io.tributary.collector.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.Statistics;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/** How {@link RocksStore} sets up its database: column families and budgets. To be closed behind the database. */
final class RocksOptions implements AutoCloseable {
    /** Column families, in the order of their creation, which gives them their numbers in write-ahead logs. */
    static final List<String> FAMILIES = List.of("default", "chunk", "catalog", "meta", "deadletter", "rollup");

    /**
     * Without a limit a start would open and read every table, and each would stay in memory. With one it opens 16 of each
     * family, and others when they are asked for. A thousand tables are 8 to 64 GiB of chunks.
     */
    private static final int OPEN_FILES_MAX = 1000;

    private static final int INFO_LOGS = 2;
    private static final long INFO_LOG_BYTES = 1 << 20;
    private static final double BLOOM_BITS = 10;
    private static final long MANIFEST_BYTES = 4 << 20;
    /** Tables of fragments that lie over each other: 128 MiB of them with the default write buffer. */
    private static final int CHUNK_TABLES = 16;

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final DBOptions database;
    private final Statistics statistics;
    private final List<ColumnFamilyDescriptor> families = new ArrayList<>();

    /** @param checks whether what is wrong with a table is said when the database opens */
    RocksOptions(EngineOptions options, boolean checks, WALRecoveryMode wal) {
        RocksDB.loadLibrary();
        Cache cache = keep(new LRUCache(options.blockCacheBytes()));
        long memtable = Math.max(64 << 10, options.writeBufferBytes() / 8);
        statistics = keep(new Statistics(EnumSet.allOf(HistogramType.class))); // counts only
        database = keep(new DBOptions())
                .setStatistics(statistics)
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setDbWriteBufferSize(options.writeBufferBytes())
                .setMaxTotalWalSize(4 * options.writeBufferBytes())
                .setMaxBackgroundJobs(2)
                // What follows from the log is not logged again: after a crash all families are of one moment.
                .setAtomicFlush(true)
                .setMaxOpenFiles(OPEN_FILES_MAX)
                .setParanoidChecks(checks)
                .setWalRecoveryMode(wal)
                .setSkipStatsUpdateOnDbOpen(true)
                .setBytesPerSync(1 << 20)
                .setKeepLogFileNum(INFO_LOGS)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setMaxManifestFileSize(MANIFEST_BYTES)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family(cache, memtable / 4)));
        families.add(new ColumnFamilyDescriptor(name("chunk"), chunkFamily(cache, 2 * memtable)));
        families.add(new ColumnFamilyDescriptor(
                name("catalog"), family(cache, memtable).setCompressionType(CompressionType.LZ4_COMPRESSION)));
        families.add(new ColumnFamilyDescriptor(name("meta"), family(cache, memtable)));
        families.add(new ColumnFamilyDescriptor(name("deadletter"), family(cache, memtable)));
        families.add(new ColumnFamilyDescriptor(name("rollup"), family(cache, memtable)));
    }

    DBOptions database() {
        return database;
    }

    /** What the database has counted since it was opened. */
    Statistics statistics() {
        return statistics;
    }

    List<ColumnFamilyDescriptor> families() {
        return families;
    }

    /** @param unlogged whether the write-ahead log does without the write */
    WriteOptions write(boolean sync, boolean unlogged) {
        return keep(new WriteOptions()).setSync(sync).setDisableWAL(unlogged);
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

    @Override
    public void close() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("BUG: native options do not close", e);
            }
        }
    }
}
