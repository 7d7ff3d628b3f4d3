package io.tributary.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something made of files, made again when they have changed; what cannot be read is refused whole, said once, and the
 * old stays. Looked at when it is used, at most once a second. Any thread.
 */
final class WatchedFiles<T> {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Reads the files. */
    interface Loader<T> {
        T load() throws IOException;
    }

    private final List<Path> files;
    private final Loader<T> loader;
    private final LongSupplier nanoTime;
    private volatile T current;
    private volatile long lookedNanos;
    // Guarded by this.
    private String seen;

    /** @throws IOException the files cannot be read now */
    WatchedFiles(List<Path> files, Loader<T> loader, LongSupplier nanoTime) throws IOException {
        this.files = List.copyOf(files);
        this.loader = loader;
        this.nanoTime = nanoTime;
        this.seen = stamp();
        this.current = loader.load();
        this.lookedNanos = nanoTime.getAsLong();
    }

    T current() {
        if (nanoTime.getAsLong() - lookedNanos >= LOOK_NANOS) {
            look();
        }
        return current;
    }

    private synchronized void look() {
        lookedNanos = nanoTime.getAsLong();
        String now = stamp();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            current = loader.load();
            LOG.info("{} read again", files);
        } catch (IOException e) {
            LOG.warn("{} changed and cannot be used, what was read before stays: {}", files, e.getMessage());
        }
    }

    /** What tells a changed file from the old one: replaced files have another inode. */
    private String stamp() {
        StringBuilder stamp = new StringBuilder();
        for (Path file : files) {
            BasicFileAttributes attributes = attributes(file);
            stamp.append(
                            attributes == null
                                    ? "absent"
                                    : attributes.fileKey() + " " + attributes.size() + " "
                                            + attributes.lastModifiedTime())
                    .append('\n');
        }
        return stamp.toString();
    }

    private static @Nullable BasicFileAttributes attributes(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            return null; // absent for now: loading says so when it matters
        }
    }
}
