package io.tributary.collector.subscribe;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.time.Duration;

/**
 * Section {@code stream} of the configuration.
 *
 * @param consumersMax subscribers at a time, over HTTP and gRPC
 * @param bookmarksMax named bookmarks that are kept
 * @param heartbeat a sign of life goes out after this long without a reading, and bookmarks are committed as often
 * @param eventBytesMax of one event, about: a record with more readings becomes several
 */
public record StreamLimits(
        @Default("16") int consumersMax,
        @Default("1000") int bookmarksMax,
        @Default("15s") Duration heartbeat,
        @Default("64KiB") ByteSize eventBytesMax) {
    public StreamLimits {
        if (consumersMax < 1 || consumersMax > 64) {
            throw new IllegalArgumentException("consumers-max is " + consumersMax + ", expected 1 to 64");
        }
        if (bookmarksMax < 1 || bookmarksMax > 100_000) {
            throw new IllegalArgumentException("bookmarks-max is " + bookmarksMax + ", expected 1 to 100000");
        }
        if (heartbeat.toMillis() < 100 || heartbeat.toMinutes() > 10) {
            throw new IllegalArgumentException("heartbeat is " + heartbeat + ", expected 100ms to 10m");
        }
        if (eventBytesMax.bytes() < 1024) {
            throw new IllegalArgumentException("event-bytes-max is " + eventBytesMax + ", expected at least 1KiB");
        }
    }
}
