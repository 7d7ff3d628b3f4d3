package io.tributary.collector.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the database that cannot be read any more. They are named, once, and stay where they are; what has to be left
 * behind at a start is copied into the directory {@code damaged} first. Any thread.
 */
final class DamagedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedFiles.class);
    static final String DIRECTORY = "damaged";
    private static final Pattern FILE = Pattern.compile("([0-9]{6,}\\.(?:sst|log)|MANIFEST-[0-9]+|CURRENT)");

    private final Path directory;
    // guarded by this
    private final TreeMap<String, String> found = new TreeMap<>();

    DamagedFiles(Path directory) {
        this.directory = directory;
    }

    /** What the database says of a file is wrong with it; other failures are passed by. */
    static boolean isDamage(RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("checksum mismatch")
                || message.contains("orruption")
                || message.contains("orrupted")
                || message.contains("size mismatch")
                || message.contains("Bad table magic")
                || message.contains("truncated")
                || message.contains("log record");
    }

    /** The file that a message names; empty when it names none: it is a write-ahead log then. */
    static String file(RocksDBException e) {
        Matcher matcher = FILE.matcher(String.valueOf(e.getMessage()));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** A read met damage: the rest is served. */
    void met(RocksDBException e) {
        note(file(e), String.valueOf(e.getMessage()));
    }

    /** A file of the log has a damaged stretch. */
    void metLog(String file, String detail) {
        note(file, detail);
    }

    private void note(String file, String detail) {
        synchronized (this) {
            if (found.putIfAbsent(file, detail) != null) {
                return;
            }
        }
        LOG.error("{} is damaged; what is in it cannot be read, the rest is served: {}", file, detail);
    }

    /** The database did not open: the file that it names, and all write-ahead logs, are kept aside. */
    void keepAside(RocksDBException e) throws IOException {
        String named = file(e);
        Path aside = directory.resolve(DIRECTORY);
        Files.createDirectories(aside);
        List<Path> copies = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                String name = file.getFileName().toString();
                if (name.equals(named) || name.matches("[0-9]{6,}\\.log")) {
                    named = named.isEmpty() && name.endsWith(".log") ? name : named;
                    copies.add(Files.copy(file, aside.resolve(name), StandardCopyOption.REPLACE_EXISTING));
                }
            }
        }
        note(named, "the database did not open: " + e.getMessage());
        LOG.error("copies are kept: {}", copies);
    }

    /** What is damaged, by file. */
    synchronized TreeMap<String, String> found() {
        return new TreeMap<>(found);
    }

    synchronized boolean any() {
        return !found.isEmpty();
    }
}
