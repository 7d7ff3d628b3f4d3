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
import org.jspecify.annotations.Nullable;
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
    private static final Pattern TABLE = Pattern.compile("[0-9]{6,}\\.sst");
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
                || message.contains("log record")
                || message.contains("CURRENT file")
                || message.contains("Is a directory")
                || (message.contains("No such file") && FILE.matcher(message).find());
    }

    /** The file that a message names; empty when it names none: it is a write-ahead log then. */
    static String file(RocksDBException e) {
        Matcher matcher = FILE.matcher(String.valueOf(e.getMessage()));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** A read met damage: the rest is served, and the next start takes the file out of the way. */
    void met(RocksDBException e) {
        if (note(file(e), String.valueOf(e.getMessage()))) {
            remember(file(e), String.valueOf(e.getMessage()));
        }
    }

    /** A file of the log has a damaged stretch. */
    void metLog(String file, String detail) {
        note(file, detail);
    }

    /** @return whether it was not known */
    private boolean note(String file, String detail) {
        synchronized (this) {
            if (found.putIfAbsent(file, detail) != null) {
                return false;
            }
        }
        LOG.error("{} is damaged; what is in it cannot be read, the rest is served: {}", file, detail);
        return true;
    }

    /** Whether it is a write-ahead log that is damaged: what it held up to there fits together. */
    static boolean isOfLog(RocksDBException e) {
        String file = file(e);
        return file.endsWith(".log")
                || file.isEmpty() && !String.valueOf(e.getMessage()).contains("CURRENT");
    }

    /** Names what salvages have put aside, until somebody takes it away. */
    void inQuarantine() throws IOException {
        for (Path quarantine : StoreSalvage.quarantines(directory)) {
            Path report = quarantine.resolve(StoreSalvage.REPORT);
            if (!Files.isRegularFile(report)) {
                continue;
            }
            List<String> lines = Files.readAllLines(report);
            for (String line : lines) {
                int name = line.indexOf("  ");
                if (name > 0 && line.contains(" bytes, damaged: ")) {
                    note(line.substring(0, name), line.substring(name).strip() + "; in " + quarantine);
                }
            }
            note(quarantine.getFileName() + "/" + StoreSalvage.REPORT, lines.isEmpty() ? "" : lines.get(0));
        }
    }

    /** A table met damage that a salvage at the next start is to take out of the way. */
    private void remember(String file, String detail) {
        if (!TABLE.matcher(file).matches()) {
            return;
        }
        try {
            Files.createDirectories(directory.resolve(DIRECTORY));
            Files.writeString(directory.resolve(DIRECTORY).resolve(file + ".txt"), detail + "\n");
        } catch (IOException e) {
            LOG.warn("{} cannot be noted as damaged for the next start", file, e);
        }
    }

    /** A table that was met as damaged before the last stop, and what was wrong; null when there is none. */
    @Nullable
    String remembered() throws IOException {
        String found = null;
        for (Path file : RocksFiles.in(directory)) {
            Path note = directory.resolve(DIRECTORY).resolve(file.getFileName() + ".txt");
            if (RocksFiles.isTable(file) && Files.isRegularFile(note)) {
                found = found == null
                        ? RocksFiles.name(file) + ": " + Files.readString(note).strip()
                        : found;
            }
        }
        return found;
    }

    /** A salvage has taken care of them. */
    void forget() throws IOException {
        Path aside = directory.resolve(DIRECTORY);
        if (!Files.isDirectory(aside)) {
            return;
        }
        try (Stream<Path> notes = Files.list(aside)) {
            for (Path note :
                    notes.filter(each -> each.toString().endsWith(".sst.txt")).toList()) {
                Files.delete(note);
            }
        }
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
