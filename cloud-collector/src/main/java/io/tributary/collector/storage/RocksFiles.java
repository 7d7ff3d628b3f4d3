package io.tributary.collector.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files that RocksDB writes, by name. */
final class RocksFiles {
    private static final Pattern TABLE = Pattern.compile("[0-9]{6,}\\.sst");
    private static final Pattern LOG = Pattern.compile("[0-9]{6,}\\.log");
    /** Without LOCK, which is held, and the texts in LOG, which say what happened. */
    private static final Pattern DATABASE = Pattern.compile(
            "[0-9]{6,}\\.(sst|log|dbtmp)|MANIFEST-[0-9]{6,}|CURRENT|IDENTITY|OPTIONS-[0-9]{6,}(\\.dbtmp)?");

    private RocksFiles() {}

    static boolean isTable(Path file) {
        return TABLE.matcher(name(file)).matches();
    }

    static boolean isLog(Path file) {
        return LOG.matcher(name(file)).matches();
    }

    static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** What makes up the database, by name; none when there is no such directory. */
    static List<Path> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> DATABASE.matcher(name(file)).matches())
                    .sorted()
                    .toList();
        }
    }

    /**
     * What RocksDB would not notice: it makes a fresh database, and deletes tables, where CURRENT is missing, and takes the
     * absence of a write-ahead log for a clean end.
     *
     * @return what is missing, or null
     */
    static @Nullable String missing(Path directory) throws IOException {
        List<Path> files = in(directory);
        boolean manifest = files.stream().anyMatch(file -> name(file).startsWith("MANIFEST-"));
        boolean log = files.stream().anyMatch(RocksFiles::isLog);
        boolean tables = files.stream().anyMatch(RocksFiles::isTable);
        if (!manifest && !tables && !log) {
            return null;
        }
        if (!Files.exists(directory.resolve("CURRENT"))) {
            // RocksDB makes the first manifest before CURRENT: a crash in between leaves an empty database.
            return manifest && !tables && !log ? null : "CURRENT is missing";
        }
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                return name(file) + " is no file";
            }
        }
        return !manifest ? "MANIFEST is missing" : !log ? "the write-ahead log is missing" : null;
    }
}
