package io.tributary.agent.outbox;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What a directory takes on disk, and how it is kept below {@code outbox.max-bytes}. Files are looked at again only when
 * what was written since could matter, so that a write costs no directory listing.
 *
 * <pre>
 * |<----------------------------- max-bytes ------------------------------>|
 * | tables, manifest, messages: measured | in transit: log, flush, compaction |
 * </pre>
 */
final class DiskUse {
    /** RocksDB's own messages, manifests and option files beside the tables. */
    static final long PAPERS_BYTES = 1 << 20;

    private final Path directory;
    private final long maxBytes;
    private final long transitBytes;
    private final long lookAfterBytes;
    private long measured;
    private long since = Long.MAX_VALUE / 2;

    DiskUse(OutboxOptions options) {
        this.directory = options.path();
        this.maxBytes = options.maxBytes().bytes();
        this.transitBytes = transitBytes(options.writeBuffer().bytes(), targetFileBytes(maxBytes));
        this.lookAfterBytes = Math.max(64 << 10, options.writeBuffer().bytes() / 4);
    }

    /** Log (two buffers before a flush is forced, one more while it runs), the flush itself, one compaction. */
    static long transitBytes(long writeBuffer, long targetFile) {
        return 3 * writeBuffer + 2 * writeBuffer + compactionBytes(writeBuffer, targetFile);
    }

    static long compactionBytes(long writeBuffer, long targetFile) {
        return Math.max(4 * targetFile, 6 * writeBuffer);
    }

    /** Small tables in a small outbox: what is freed is given back by the file. */
    static long targetFileBytes(long maxBytes) {
        return Math.min(8 << 20, Math.max(256 << 10, Long.highestOneBit(maxBytes / 128)));
    }

    /** What batches may take, with what they still cost after they were freed. */
    static long batchBudget(OutboxOptions options) {
        long max = options.maxBytes().bytes();
        long fixed = transitBytes(options.writeBuffer().bytes(), targetFileBytes(max))
                + PAPERS_BYTES
                + options.deadLetters().bytes();
        return (max - fixed) / 8 * 7;
    }

    /** Whether so much more can be written, whatever RocksDB does in the background. */
    boolean hasRoomFor(long bytes) throws IOException {
        if (since >= lookAfterBytes) {
            measure();
        }
        if (measured + since + 2 * bytes + transitBytes <= maxBytes) {
            since += bytes;
            return true;
        }
        measure();
        boolean fits = measured + 2 * bytes + transitBytes <= maxBytes;
        since = fits ? bytes : 0;
        return fits;
    }

    void forget() {
        since = Long.MAX_VALUE / 2;
    }

    private void measure() throws IOException {
        measured = bytes(directory, false);
        since = 0;
    }

    /** All regular files. */
    static long bytes(Path directory, boolean withLog) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && (withLog || !isLog(file))) {
                    sum[0] += attributes.size();
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException cause) throws IOException {
                if (cause instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // RocksDB was faster
                }
                throw cause;
            }
        });
        return sum[0];
    }

    /** RocksDB's write-ahead log: {@code 000012.log}. */
    private static boolean isLog(Path file) {
        return String.valueOf(file.getFileName()).endsWith(".log");
    }
}
