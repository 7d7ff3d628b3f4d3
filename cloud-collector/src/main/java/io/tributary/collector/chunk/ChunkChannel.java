package io.tributary.collector.chunk;

import io.tributary.model.Channel;
import io.tributary.model.ColumnStats;
import io.tributary.model.PackedBytes;
import io.tributary.model.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * What the header of a chunk tells of a channel.
 *
 * @param count readings
 * @param firstTime, lastTime event times of its first and last reading
 * @param stats null for texts, and for so few readings that decoding them is as cheap
 */
public record ChunkChannel(
        Channel channel,
        int count,
        long firstTime,
        long lastTime,
        @Nullable ColumnStats stats,
        Sections sections) {
    /** Whether all its readings are of good quality. */
    public boolean isAllGood() {
        return sections.quality() == 0;
    }

    /** Of its columns in the body. */
    public int bytes() {
        return sections.values() + sections.presence() + sections.quality();
    }

    /** Whether it has texts that a fold for good may pack. */
    public boolean isPackable() {
        return channel.type() == ValueType.STRING
                && !sections.packed()
                && sections.values() >= PackedBytes.PLAIN_BYTES_MIN;
    }

    /** Where its columns lie in the body; a length of 0: there is none. */
    record Sections(int at, int values, boolean packed, int presence, int quality) {}
}
