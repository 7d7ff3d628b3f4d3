package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.rocksdb.TickerType;
import org.rocksdb.WALRecoveryMode;

/** What a start does must not grow with what is stored; counted, as times depend on the machine. */
class StartBoundTest {
    /** Far more bytes than a start reads of a table, which is its footer and what that points to. */
    private static final int VALUE_BYTES = 20_000;

    @TempDir
    Path temporary;

    /** What a start did. */
    private record Work(int tables, long opened, long readBytes) {}

    @Test
    void start_opensAndReadsAsMuchForManyTablesAsForFew() throws Exception {
        Work few = start(temporary.resolve("few"), 50);
        Work many = start(temporary.resolve("many"), 400);
        assertThat(few.tables).isGreaterThanOrEqualTo(50);
        assertThat(many.tables).isGreaterThanOrEqualTo(400);
        assertThat(few.opened).isBetween(1L, 40L);
        assertThat(many.opened).isEqualTo(few.opened);
        // The manifest names every table, and is read: some 100 bytes for each, which RocksDB reads more than once.
        assertThat(many.readBytes - few.readBytes).isLessThan(350 * 1000L);
    }

    private Work start(Path directory, int tables) throws Exception {
        RocksStore.open(directory, SMALL).close();
        fill(directory, tables);
        long before = readBytes();
        try (RocksStore store = RocksStore.open(directory, SMALL)) {
            long read = readBytes() - before;
            byte[] key = store.firstKey(store.chunk);
            long opened = store.counted(TickerType.NO_FILE_OPENS);
            assertThat(key).isNotNull();
            return new Work(store.tables().size(), opened, read);
        }
    }

    /** Tables behind each other on the lowest level, as old buckets lie. */
    private void fill(Path directory, int tables) throws RocksDBException, IOException {
        Path made = Files.createDirectories(directory.resolveSibling(directory.getFileName() + "-made"));
        try (RocksOptions options = new RocksOptions(SMALL, true, WALRecoveryMode.TolerateCorruptedTailRecords)) {
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            try (RocksDB db = RocksDB.open(options.database(), directory.toString(), options.families(), handles);
                    EnvOptions environment = new EnvOptions();
                    Options plain = new Options();
                    IngestExternalFileOptions ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
                List<String> files = new ArrayList<>();
                for (int i = 0; i < tables; i++) {
                    Path table = made.resolve(i + ".sst");
                    try (SstFileWriter writer = new SstFileWriter(environment, plain)) {
                        writer.open(table.toString());
                        byte[] value = new byte[VALUE_BYTES];
                        new Random(i).nextBytes(value);
                        writer.put(new byte[] {(byte) (i >> 8), (byte) i, 1}, value);
                        writer.finish();
                    }
                    files.add(table.toString());
                }
                db.ingestExternalFile(handles.get(1), files, ingest);
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
    }

    /** What this process has read, of any file; 0 where the kernel does not count it. */
    private static long readBytes() throws IOException {
        Path counted = Path.of("/proc/self/io");
        if (!Files.isReadable(counted)) {
            return 0;
        }
        for (String line : Files.readAllLines(counted)) {
            if (line.startsWith("rchar: ")) {
                return Long.parseLong(line.substring("rchar: ".length()));
            }
        }
        throw new AssertionError("no rchar in " + counted);
    }
}
