package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The channels of rows in the order of their sequences, and the segment that takes the next such row. */
final class HeadLayout {
    /** As a map key. */
    record Key(int[] channels) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Key other && Arrays.equals(channels, other.channels);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(channels);
        }
    }

    private final Channel[] channels;
    /** Index of the segment among the head's; -1 before the first. Guarded by the partition. */
    int openIndex = -1;

    HeadLayout(Channel[] channels) {
        this.channels = channels;
    }

    int width() {
        return channels.length;
    }

    ValueType type(int column) {
        return channels[column].type();
    }

    Channel channel(int column) {
        return channels[column];
    }

    Channel[] channels() {
        return channels;
    }
}
