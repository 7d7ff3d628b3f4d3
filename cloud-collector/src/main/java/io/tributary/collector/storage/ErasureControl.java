package io.tributary.collector.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Erases readings, called by endpoints on any thread.
 *
 * <ol>
 *   <li>On return of {@link #erase} the order is fsynced, and no query, latest value or subscription that begins from then
 *       on shows what it covers: the readings of those series with event times in the range which had arrived before the
 *       order's collector time.
 *   <li>They stay away: a batch that is delivered again is known by its sequences, and a part of the backlog that the same
 *       agent numbered before the order and delivers after it is left out and counted as rejected with the cause {@code
 *       erased}. Readings that arrive with later sequences are stored, whatever their event time.
 *   <li>The account counts them as {@code erased} once the chunks are rewritten.
 * </ol>
 */
public interface ErasureControl {
    /**
     * Hides what the request covers, durably. May take as long as a flush of the partitions of the devices; ingest waits
     * for the last part of it.
     *
     * @throws StorageException when the order could not be made durable: nothing is erased
     * @throws IllegalArgumentException when there are too many erasures; the message says what to do
     */
    ErasureStatus erase(ErasureRequest request);

    /** Erasures by ascending ID, those above {@code after}. The store forgets one when nothing of it can come back. */
    List<ErasureStatus> list(int limit, long after);

    /** Null when it is unknown or forgotten. */
    @Nullable
    ErasureStatus get(long id);
}
