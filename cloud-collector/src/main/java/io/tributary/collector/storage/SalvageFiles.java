package io.tributary.collector.storage;

import io.tributary.rocks.TableFile;
import io.tributary.rocks.WalRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/**
 * What is readable in the files of a database, by column family, found without its manifest: versions of keys with their
 * sequences, so that the newest one of each is known, and what was deleted.
 */
final class SalvageFiles {
    private final Map<String, List<SalvageSource>> sources = new TreeMap<>();
    private final Map<String, List<TableFile.DeletedRange>> deleted = new HashMap<>();
    private final Map<Integer, String> families = new HashMap<>();
    private final Map<Path, TableFile> tables = new TreeMap<>();
    private final Map<Path, String> damage = new TreeMap<>();

    /** @param names of column families, in the order in which a fresh database has them */
    SalvageFiles(List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            families.put(i, names.get(i));
            sources.put(names.get(i), new ArrayList<>());
        }
    }

    /** Reads what lies in a directory; tables are read when their sources are. */
    void look(Path directory) throws IOException {
        List<Path> logs = new ArrayList<>();
        for (Path file : RocksFiles.in(directory)) {
            if (!Files.isRegularFile(file)) {
                damage.put(file, "is no file");
            } else if (RocksFiles.isTable(file)) {
                open(file);
            } else if (RocksFiles.isLog(file)) {
                logs.add(file);
            }
        }
        String database = database(directory);
        tables.forEach((file, table) -> {
            if (!table.database().equals(database)) {
                damage.put(file, "is a table of another database, " + table.database());
            } else if (!sources.containsKey(table.family())) {
                damage.put(file, "is a table of " + table.family() + ", which this version does not know");
            } else {
                add(file, table);
            }
        });
        readLogs(logs);
    }

    private void open(Path file) throws IOException {
        try {
            tables.put(file, TableFile.open(file));
        } catch (IllegalArgumentException e) {
            damage.put(file, String.valueOf(e.getMessage()));
            List<TableFile.Entry> carved = ChunkCarver.carve(TableFile.map(file));
            sourcesOf("chunk").add(SalvageSource.of(carved));
        }
    }

    /** Of most tables; of the one that IDENTITY names, when there are as many of two. */
    private String database(Path directory) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        tables.values().forEach(table -> counts.merge(table.database(), 2, Integer::sum));
        Path identity = directory.resolve("IDENTITY");
        if (Files.isRegularFile(identity) && Files.size(identity) < 256) {
            String named = new String(Files.readAllBytes(identity), java.nio.charset.StandardCharsets.ISO_8859_1);
            counts.computeIfPresent(named.strip(), (name, count) -> count + 1);
        }
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
    }

    private void add(Path file, TableFile table) {
        families.put(table.familyId(), table.family());
        deleted.computeIfAbsent(table.family(), unused -> new ArrayList<>()).addAll(table.deletedRanges());
        String wrong = table.checksBlocks() ? null : check(file);
        if (wrong != null) {
            damage.put(file, wrong);
        }
        boolean chunks = table.family().equals("chunk");
        sourcesOf(table.family())
                .add(SalvageSource.of(
                        table,
                        entry -> wrong == null
                                || chunks
                                        && entry.kind() == TableFile.Kind.PUT
                                        && ChunkCarver.isWhole(entry.key(), entry.value())));
    }

    /** What RocksDB finds wrong with the checksums of a table; null when nothing. */
    private static @Nullable String check(Path file) {
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            reader.open(file.toString());
            reader.verifyChecksum();
            return null;
        } catch (RocksDBException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private List<SalvageSource> sourcesOf(String family) {
        return sources.computeIfAbsent(family, unused -> new ArrayList<>());
    }

    private void readLogs(List<Path> logs) throws IOException {
        Map<String, List<TableFile.Entry>> entries = new TreeMap<>();
        for (Path log : logs) {
            boolean whole = WalRecords.read(TableFile.map(log), new WalRecords.Visitor() {
                private void add(int family, TableFile.Entry entry) {
                    entries.computeIfAbsent(families.getOrDefault(family, ""), unused -> new ArrayList<>())
                            .add(entry);
                }

                @Override
                public void put(int family, long sequence, byte[] key, byte[] value) {
                    add(family, new TableFile.Entry(key, sequence, TableFile.Kind.PUT, value));
                }

                @Override
                public void delete(int family, long sequence, byte[] key) {
                    add(family, new TableFile.Entry(key, sequence, TableFile.Kind.DELETE, new byte[0]));
                }

                @Override
                public void deleteRange(int family, long sequence, byte[] from, byte[] to) {
                    deleted.computeIfAbsent(families.getOrDefault(family, ""), unused -> new ArrayList<>())
                            .add(new TableFile.DeletedRange(from, to, sequence));
                }
            });
            if (!whole) {
                damage.put(log, "a part of the log does not match its checksum, or its end is missing");
            }
        }
        entries.forEach((family, of) -> {
            of.sort(SalvageSource.ORDER);
            sourcesOf(family).add(SalvageSource.of(of));
        });
    }

    List<SalvageSource> sources(String family) {
        return sources.getOrDefault(family, List.of());
    }

    /** Whether a version was deleted with others of a range. */
    boolean isDeleted(String family, TableFile.Entry entry) {
        for (TableFile.DeletedRange range : deleted.getOrDefault(family, List.of())) {
            if (range.sequence() > entry.sequence()
                    && java.util.Arrays.compareUnsigned(range.from(), entry.key()) <= 0
                    && java.util.Arrays.compareUnsigned(range.to(), entry.key()) > 0) {
                return true;
            }
        }
        return false;
    }

    /** What is wrong with files, once all of them have been read. */
    Map<Path, String> damage() {
        tables.forEach((file, table) -> {
            String found = table.damage();
            if (found != null) {
                damage.putIfAbsent(file, found);
            }
        });
        return damage;
    }
}
