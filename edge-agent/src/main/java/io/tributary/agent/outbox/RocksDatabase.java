package io.tributary.agent.outbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;

/** The open database with its column families, tuned for a queue on flash in a process of 96 MiB. */
final class RocksDatabase implements AutoCloseable {
    private static final List<String> FAMILIES = List.of("default", "batch", "lost", "letter", "class");

    /** Two of each may be there at a time; together they stay below {@link DiskUse#PAPERS_BYTES}. */
    private static final long MANIFEST_BYTES = 192 << 10;

    private static final long MESSAGES_BYTES = 128 << 10;

    static {
        RocksDB.loadLibrary();
    }

    final RocksDB db;
    final ColumnFamilyHandle meta;
    final ColumnFamilyHandle batches;
    final ColumnFamilyHandle lost;
    final ColumnFamilyHandle letters;
    final ColumnFamilyHandle classes;
    private final List<AutoCloseable> resources;
    private boolean closed;

    private RocksDatabase(RocksDB db, List<ColumnFamilyHandle> handles, List<AutoCloseable> resources) {
        this.db = db;
        this.meta = handles.get(0);
        this.batches = handles.get(1);
        this.lost = handles.get(2);
        this.letters = handles.get(3);
        this.classes = handles.get(4);
        this.resources = resources;
    }

    /** @throws IOException the message names the directory and what to do */
    static RocksDatabase open(OutboxOptions options) throws IOException {
        return open(options, options.path());
    }

    static RocksDatabase open(OutboxOptions options, Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IOException("outbox directory " + directory + " cannot be made: " + e, e);
        }
        if (!Files.isWritable(directory)) {
            throw new IOException("outbox directory " + directory + " cannot be written by this user");
        }
        List<AutoCloseable> resources = new ArrayList<>();
        long buffer = options.writeBuffer().bytes();
        long targetFile = DiskUse.targetFileBytes(options.maxBytes().bytes());
        LRUCache cache = keep(resources, new LRUCache(options.blockCache().bytes(), 0));
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                // Batches are read in order, in runs: larger blocks mean fewer reads and a smaller index.
                .setBlockSize(16 << 10)
                .setFilterPolicy(keep(resources, new BloomFilter(10)))
                .setCacheIndexAndFilterBlocks(true);
        ColumnFamilyOptions family = keep(resources, new ColumnFamilyOptions())
                .setWriteBufferSize(buffer)
                .setMaxWriteBufferNumber(2)
                .setTargetFileSizeBase(targetFile)
                .setMaxBytesForLevelBase(4 * targetFile)
                .setMaxCompactionBytes(DiskUse.compactionBytes(buffer, targetFile))
                // Batches are packed columns already.
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(table);
        DBOptions database = keep(resources, new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(64)
                // Quiet families would keep the log of the busy one alive.
                .setMaxTotalWalSize(2 * buffer)
                .setDbWriteBufferSize(2 * buffer)
                // When the log is lost, counters and batches are of the same moment.
                .setAtomicFlush(true)
                // Without a bound it grows to 1 GiB.
                .setMaxManifestFileSize(MANIFEST_BYTES)
                // A torn end is what power loss leaves; damage before the end has to be told, not cut off.
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MESSAGES_BYTES)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
        List<ColumnFamilyDescriptor> descriptors = FAMILIES.stream()
                .map(name -> new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), family))
                .toList();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB db = RocksDB.open(database, directory.toString(), descriptors, handles);
            return new RocksDatabase(db, handles, resources);
        } catch (RocksDBException e) {
            closeAll(resources);
            String message = String.valueOf(e.getMessage());
            if (isLocked(message)) {
                throw new IOException("outbox " + directory + " is in use by another process: " + message, e);
            }
            if (isDamage(e)) {
                throw new DamagedOutboxException(message, e);
            }
            throw new IOException("outbox " + directory + " cannot be opened: " + message, e);
        }
    }

    /** Nothing on disk changes, not even RocksDB's messages; may be done while an agent has it open. */
    static RocksDatabase openReadOnly(Path directory) throws IOException {
        List<AutoCloseable> resources = new ArrayList<>();
        DBOptions database = keep(resources, new DBOptions());
        database.setLogger(keep(resources, new Logger(InfoLogLevel.FATAL_LEVEL) {
            @Override
            protected void log(InfoLogLevel level, String message) {
                // RocksDB would write them into the directory that is only looked at.
            }
        }));
        ColumnFamilyOptions family = keep(resources, new ColumnFamilyOptions())
                .setTableFormatConfig(new BlockBasedTableConfig().setNoBlockCache(true));
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (Options options = new Options()) {
            List<byte[]> there = RocksDB.listColumnFamilies(options, directory.toString());
            for (int i = 0; i < FAMILIES.size(); i++) {
                if (i >= there.size() || !new String(there.get(i), StandardCharsets.UTF_8).equals(FAMILIES.get(i))) {
                    throw new IOException(
                            directory + " holds a database, but no outbox: family " + FAMILIES.get(i) + " is missing");
                }
            }
            List<ColumnFamilyDescriptor> descriptors = FAMILIES.stream()
                    .map(name -> new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), family))
                    .toList();
            RocksDB db = RocksDB.openReadOnly(database, directory.toString(), descriptors, handles);
            return new RocksDatabase(db, handles, resources);
        } catch (RocksDBException e) {
            closeAll(resources);
            throw new IOException("outbox " + directory + " cannot be opened: " + e.getMessage(), e);
        } catch (IOException e) {
            closeAll(resources);
            throw e;
        }
    }

    /** Not what a full disk, a missing right or another process is the reason of. */
    static boolean isDamage(RocksDBException e) {
        Status status = e.getStatus();
        String message = String.valueOf(e.getMessage());
        if (message.contains("No space left") || message.contains("Input/output error") || isLocked(message)) {
            return false;
        }
        Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
        return code == Status.Code.Corruption
                || code == Status.Code.NotFound
                || code == Status.Code.InvalidArgument
                || message.contains("No such file")
                || message.contains("Is a directory")
                || message.contains("Bad table magic number")
                || message.contains("file is too short");
    }

    private static boolean isLocked(String message) {
        return message.contains("lock file") || message.contains("lock hold");
    }

    private static <T extends AutoCloseable> T keep(List<AutoCloseable> resources, T resource) {
        resources.add(resource);
        return resource;
    }

    private static void closeAll(List<AutoCloseable> resources) {
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (Exception e) {
                throw new IllegalStateException("BUG: options of RocksDB do not fail to close", e);
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        meta.close();
        batches.close();
        lost.close();
        letters.close();
        classes.close();
        db.close();
        closeAll(resources);
    }
}
