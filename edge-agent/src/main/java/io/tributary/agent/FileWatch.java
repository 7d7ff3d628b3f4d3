package io.tributary.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the content of a file has changed, and stayed the same for one look: editors and configuration managers write in
 * several steps. It reads rather than listens, as a few KiB every two seconds cost nothing, and events do not come from
 * network file systems and mounted configuration maps.
 */
final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long LOOK_MILLIS = 2_000;

    private final Path file;
    private final Runnable changed;
    private byte @Nullable [] known;
    private byte @Nullable [] pending;
    private @Nullable ScheduledExecutorService looker;

    /** @param changed called on the watch's thread */
    FileWatch(Path file, Runnable changed) {
        this.file = file;
        this.changed = changed;
    }

    /** What is there now is no change. */
    void remember() {
        known = read();
    }

    void start() {
        remember();
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "config-watch");
            made.setDaemon(true);
            return made;
        });
        var unused = thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        looker = thread;
    }

    /** One look. */
    void look() {
        byte[] now = read();
        if (now == null || Arrays.equals(now, known)) {
            pending = null;
        } else if (Arrays.equals(now, pending)) {
            known = now;
            pending = null;
            try {
                changed.run();
            } catch (RuntimeException e) {
                LOG.error("BUG: what follows a change of {}", file, e); // the watch goes on
            }
        } else {
            pending = now;
        }
    }

    /** Null when it cannot be read: it may be about to be replaced. */
    private byte @Nullable [] read() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            LOG.debug("{} cannot be read at this moment", file, e);
            return null;
        }
    }

    @Override
    public void close() {
        if (looker != null) {
            looker.shutdownNow();
        }
    }
}
