package io.tributary.agent.outbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files that RocksDB writes, by name. */
final class RocksFiles {
    private static final Pattern TABLE = Pattern.compile("[0-9]{6,}\\.sst");
    private static final Pattern LOG = Pattern.compile("[0-9]{6,}\\.log");
    private static final Pattern OWN = Pattern.compile(
            "[0-9]{6,}\\.(sst|log|dbtmp)|MANIFEST-[0-9]{6,}|CURRENT|IDENTITY|LOCK|LOG|LOG\\.old\\.[0-9]+|OPTIONS-[0-9]{6,}(\\.dbtmp)?");

    private RocksFiles() {}

    static boolean isTable(Path file) {
        return TABLE.matcher(name(file)).matches();
    }

    static boolean isLog(Path file) {
        return LOG.matcher(name(file)).matches();
    }

    static boolean isOwn(Path file) {
        return OWN.matcher(name(file)).matches();
    }

    /** Regular files, and whatever else has the name of one of RocksDB's; by name; none when there is no such directory. */
    static List<Path> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Files.isRegularFile(file) || isOwn(file))
                    .sorted()
                    .toList();
        }
    }

    /**
     * What RocksDB would not notice: it makes a fresh database, and deletes tables, where CURRENT is missing, and takes the
     * absence of a log for a clean end.
     *
     * @return what is missing, or null
     */
    static @org.jspecify.annotations.Nullable String missing(Path directory) throws IOException {
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
        return !manifest ? "the manifest is missing" : !log ? "the log is missing" : null;
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
