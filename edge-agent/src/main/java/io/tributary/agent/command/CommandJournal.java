package io.tributary.agent.command;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which commands were begun and how they ended, in {@code <outbox>.commands} beside the outbox's directory: a file of its
 * own, so that what was done is still known when the outbox is removed, salvaged or full.
 *
 * <p>A line is on disk before what it says happens (begun) or is told (finished). Of the thread {@code commands}.
 */
final class CommandJournal implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandJournal.class);
    /** With details of 1 KiB at most 5 MiB, on disk and in memory; a device gets some tens of commands a day. */
    static final int ENTRIES_MAX = 4_096;
    /** The collector asks for half as long. */
    private static final long KEPT_NS = TimeUnit.HOURS.toNanos(1);

    private static final long REWRITE_ABOVE_BYTES = 1 << 20;

    private final Path file;
    private final Map<String, JournalRecord> entries;
    private FileChannel channel;
    private long bytes;
    /** The collector's clock, as far as it has been heard. */
    private long collectorTimeNs;

    private CommandJournal(Path file, Map<String, JournalRecord> entries) throws IOException {
        this.file = file;
        this.entries = entries;
        this.channel = rewritten();
    }

    /** @throws IOException the file cannot be read or written; the message names it */
    static CommandJournal open(Path file) throws IOException {
        try {
            Map<String, JournalRecord> entries = new LinkedHashMap<>();
            if (Files.exists(file)) {
                JournalFormat.Content content = JournalFormat.read(Files.readAllBytes(file));
                for (JournalRecord record : content.records()) {
                    if (record.state() == JournalRecord.State.WITHDRAWN) {
                        entries.remove(record.id());
                    } else {
                        entries.put(record.id(), record);
                    }
                }
                if (content.fault() != null) {
                    Path kept = file.resolveSibling(file.getFileName() + ".damaged");
                    Files.copy(file, kept, StandardCopyOption.REPLACE_EXISTING);
                    LOG.warn("{}: {}; what could be read is used, a copy is kept as {}", file, content.fault(), kept);
                }
            }
            return new CommandJournal(file, entries);
        } catch (IOException e) {
            throw new IOException("the commands' journal " + file + " cannot be opened: " + e, e);
        }
    }

    @Nullable
    JournalRecord get(String id) {
        return entries.get(id);
    }

    /** Those that were begun and not finished. */
    List<JournalRecord> begun() {
        List<JournalRecord> begun = new ArrayList<>();
        for (JournalRecord each : entries.values()) {
            if (each.state() == JournalRecord.State.BEGUN) {
                begun.add(each);
            }
        }
        return begun;
    }

    boolean isFull() {
        return entries.size() >= ENTRIES_MAX;
    }

    int size() {
        return entries.size();
    }

    /** What expired an hour before this is forgotten. The agent's own clock does not matter: it may be wrong. */
    void collectorTime(long timeNs) {
        if (timeNs > collectorTimeNs) {
            collectorTimeNs = timeNs;
            entries.values().removeIf(each -> each.expiresNs() < timeNs - KEPT_NS);
        }
    }

    /** On disk on return. */
    void put(JournalRecord record) throws IOException {
        if (bytes > REWRITE_ABOVE_BYTES) {
            FileChannel old = channel;
            channel = rewritten();
            old.close();
        }
        write(channel, record);
        channel.force(false);
        if (record.state() == JournalRecord.State.WITHDRAWN) {
            entries.remove(record.id());
        } else {
            entries.put(record.id(), record);
        }
    }

    /** Remembers without writing: what could not be written is still not begun again by this process. */
    void putInMemory(JournalRecord record) {
        entries.put(record.id(), record);
    }

    /** The file with what is known and nothing else, open at its end. */
    private FileChannel rewritten() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".tmp");
        FileChannel fresh = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try {
            bytes = 0;
            ByteBuffer magic = ByteBuffer.wrap(JournalFormat.magic());
            while (magic.hasRemaining()) {
                bytes += fresh.write(magic);
            }
            for (JournalRecord record : entries.values()) {
                write(fresh, record);
            }
            fresh.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                    directory.force(true);
                }
            }
            return fresh;
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
    }

    private void write(FileChannel to, JournalRecord record) throws IOException {
        long start = to.position();
        ByteBuffer line = ByteBuffer.wrap(JournalFormat.record(record));
        try {
            while (line.hasRemaining()) {
                to.write(line);
            }
        } catch (IOException e) {
            to.truncate(start);
            throw e;
        }
        bytes += line.limit();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
