package io.tributary.collector.storage;

import io.tributary.rocks.TableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a whole database of what is readable in a damaged one.
 *
 * <pre>
 * data/ --files of the database moved--> data/quarantine/0001/ --newest version of every key--> data/rebuilt/ --moved--> data/
 *                                              |  tables and logs read whole are removed then; what is damaged stays, with report.txt
 * </pre>
 *
 * It takes as much room again as the tables do, for a while. It can be broken off at any moment: while {@code unfinished}
 * lies in the quarantine the next start goes on. The database tells by {@link Keys#SALVAGED} that its counts have to be
 * made anew, see {@link Recount}.
 */
final class StoreSalvage {
    private static final Logger LOG = LoggerFactory.getLogger(StoreSalvage.class);
    private static final String UNFINISHED = "unfinished";
    /** The new database is complete, and on its way to its place. */
    private static final String BUILT = "built";

    static final String REPORT = "report.txt";
    private static final long WRITE_BYTES = 1 << 20;

    private final Path directory;
    private final EngineOptions options;
    private final DamagedFiles damaged;

    StoreSalvage(Path directory, EngineOptions options, DamagedFiles damaged) {
        this.directory = directory;
        this.options = options;
        this.damaged = damaged;
    }

    /** Whether there is room for it. */
    boolean fits() throws IOException {
        long bytes = 0;
        for (Path file : RocksFiles.in(directory)) {
            bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
        }
        return Files.getFileStore(directory).getUsableSpace() > bytes + bytes / 4;
    }

    /** Goes on with one that was broken off. */
    void resume() throws IOException, RocksDBException {
        for (Path each : quarantines(directory)) {
            if (Files.exists(each.resolve(UNFINISHED))) {
                run(each, Files.readString(each.resolve(UNFINISHED)).strip());
            }
        }
    }

    /** On return the database can be opened. */
    void run(String why) throws IOException, RocksDBException {
        Path all = directory.resolve("quarantine");
        Files.createDirectories(all);
        int number = 1;
        while (Files.exists(all.resolve("%04d".formatted(number)))) {
            number++;
        }
        Path quarantine = Files.createDirectory(all.resolve("%04d".formatted(number)));
        Files.writeString(quarantine.resolve(UNFINISHED), why + "\n");
        run(quarantine, why);
    }

    /** Directories of salvages, the oldest first. */
    static List<Path> quarantines(Path directory) throws IOException {
        Path all = directory.resolve("quarantine");
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        try (Stream<Path> each = Files.list(all)) {
            return each.filter(Files::isDirectory).sorted().toList();
        }
    }

    private void run(Path quarantine, String why) throws IOException, RocksDBException {
        LOG.error(
                "the database in {} is damaged ({}); a new one is made of what is readable, the rest goes to {}",
                directory,
                why,
                quarantine);
        List<String> report = new ArrayList<>();
        report.add("salvaged because: " + why);
        Path rebuilt = directory.resolve("rebuilt");
        if (!Files.exists(quarantine.resolve(BUILT))) {
            try (RocksLock lock = RocksLock.take(directory)) {
                moveAll(directory, quarantine);
                clear(rebuilt);
            }
            Map<Path, String> damage = build(quarantine, rebuilt, report);
            settle(quarantine, damage, report);
            Files.write(quarantine.resolve(REPORT), report);
            Files.writeString(quarantine.resolve(BUILT), "");
        }
        try (RocksLock lock = RocksLock.take(directory)) {
            moveAll(rebuilt, directory);
            clear(rebuilt);
            Files.deleteIfExists(rebuilt);
        }
        tidy(quarantine);
        Files.delete(quarantine.resolve(BUILT));
        Files.delete(quarantine.resolve(UNFINISHED));
        damaged.inQuarantine();
        LOG.warn("the database in {} is whole again; see {}", directory, quarantine.resolve(REPORT));
    }

    private static void moveAll(Path from, Path to) throws IOException {
        for (Path file : RocksFiles.in(from)) {
            Files.move(file, to.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Takes away what an earlier attempt, or the opened new database, left beside it. */
    private static void clear(Path rebuilt) throws IOException {
        if (Files.isDirectory(rebuilt)) {
            try (Stream<Path> files = Files.list(rebuilt)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Map<Path, String> build(Path quarantine, Path rebuilt, List<String> report)
            throws IOException, RocksDBException {
        Files.createDirectories(rebuilt);
        SalvageFiles files = new SalvageFiles(RocksOptions.FAMILIES);
        files.look(quarantine);
        try (RocksStore fresh = RocksStore.fresh(rebuilt, options)) {
            for (String family : RocksOptions.FAMILIES) {
                ColumnFamilyHandle handle = fresh.family(family);
                long keys = handle == null ? 0 : merge(files, family, fresh, handle);
                report.add(family + ": " + keys + " keys");
            }
            fresh.put(fresh.meta, Keys.SALVAGED, new byte[0]);
            fresh.flushTables();
        }
        return files.damage();
    }

    private static long merge(SalvageFiles files, String family, RocksStore fresh, ColumnFamilyHandle handle)
            throws RocksDBException {
        PriorityQueue<SalvageSource> queue =
                new PriorityQueue<>(Comparator.comparing(SalvageSource::first, SalvageSource.ORDER));
        for (SalvageSource source : files.sources(family)) {
            if (source.head() != null) {
                queue.add(source);
            }
        }
        long keys = 0;
        byte @Nullable [] last = null;
        try (WriteBatch batch = new WriteBatch()) {
            for (SalvageSource source = queue.poll(); source != null; source = queue.poll()) {
                TableFile.Entry entry = source.first();
                if (last == null || !Arrays.equals(last, entry.key())) {
                    last = entry.key();
                    if (entry.kind() == TableFile.Kind.PUT && !files.isDeleted(family, entry)) {
                        batch.put(handle, entry.key(), entry.value());
                        keys++;
                    }
                }
                source.advance();
                if (source.head() != null) {
                    queue.add(source);
                }
                if (batch.getDataSize() >= WRITE_BYTES) {
                    fresh.writeAside(batch, false);
                    batch.clear();
                }
            }
            fresh.writeAside(batch, false);
        }
        return keys;
    }

    private static void settle(Path quarantine, Map<Path, String> damage, List<String> report) throws IOException {
        for (Path file : RocksFiles.in(quarantine)) {
            String wrong = damage.get(file);
            boolean read = RocksFiles.isTable(file) || RocksFiles.isLog(file);
            long bytes = Files.isRegularFile(file) ? Files.size(file) : 0;
            report.add(RocksFiles.name(file) + "  " + bytes + " bytes, "
                    + (wrong != null ? "damaged: " + wrong : read ? "read whole and removed" : "kept"));
        }
    }

    /** What was read whole is in the new database. */
    private static void tidy(Path quarantine) throws IOException {
        List<String> report = Files.readAllLines(quarantine.resolve(REPORT));
        for (Path file : RocksFiles.in(quarantine)) {
            String name = RocksFiles.name(file) + "  ";
            if (report.stream().anyMatch(line -> line.startsWith(name) && line.endsWith("read whole and removed"))) {
                Files.delete(file);
            }
        }
    }
}
