package io.tributary.collector.storage;

import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The read side of the store, called by the query engine on any thread. What was acknowledged before a call is seen by
 * it; every call sees one moment.
 */
public interface ReadingReader {
    /**
     * Readings of one device in blocks of ascending or descending time. The cursor holds memory and a snapshot until it
     * is closed.
     *
     * @param channels names; null for all
     * @param fromNs inclusive event time
     * @param toNs exclusive event time
     * @param ascending order of the blocks; rows inside a block are ascending in any case
     */
    BlockCursor read(String device, @Nullable Set<String> channels, long fromNs, long toNs, boolean ascending);

    /**
     * As {@link #read}, ascending, for whoever wants statistics: where those are kept per window, blocks have {@link
     * DeviceBlock#statsRows} instead of readings. They are exact, and may outlive the readings.
     *
     * @param fits whether windows of this many ns, which begin at multiples of it since 1970, lie within the asker's
     */
    default BlockCursor aggregate(
            String device, @Nullable Set<String> channels, long fromNs, long toNs, LongPredicate fits) {
        return read(device, channels, fromNs, toNs, true);
    }

    /** Whether {@link #aggregate} would look for statistics that are kept per window. */
    default boolean hasRollups(LongPredicate fits) {
        return false;
    }

    /**
     * How many readings of a device a cursor over a range would decode, at a guess, when all of them are in memory; {@link
     * Long#MAX_VALUE} when the disk may have to be read. Takes some microseconds.
     *
     * @param channels whether a name is asked for
     */
    default long held(String device, Predicate<String> channels, long fromNs, long toNs) {
        return Long.MAX_VALUE;
    }

    /** For a query about many devices. */
    default SummaryReader summaries() {
        return new SummaryReader() {
            @Override
            public LatestReadings latest(String device) {
                return LatestReadings.of(ReadingReader.this.latest(device, null));
            }

            @Override
            public @Nullable DeviceTotals totals(String device, TimeSpan range) {
                return null;
            }
        };
    }

    /**
     * The reading with the highest event time of each series of a device, sorted by channel name; a channel that had
     * several types has one entry, of the type with the highest event time. Empty when the device is unknown.
     *
     * @param channels names; null for all
     */
    List<LatestReading> latest(String device, @Nullable Set<String> channels);
}
