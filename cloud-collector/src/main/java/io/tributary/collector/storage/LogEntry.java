package io.tributary.collector.storage;

import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Rows;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log, decoded.
 *
 * @param after the position behind it
 * @param missed records before it that the log has dropped, or that cannot be read
 * @param rows null when there is nothing behind the missed ones
 */
public record LogEntry(
        LogPosition after,
        long missed,
        long collectorTimeNs,
        @Nullable Rows rows,
        ErasedFilter erased) {
    /** Which readings of the log nobody may see any more. */
    public interface ErasedFilter {
        boolean hides(String device, String channel, long eventTimeNs);
    }
}
