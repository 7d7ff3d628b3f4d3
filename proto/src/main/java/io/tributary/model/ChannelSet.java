package io.tributary.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Channel indexes as a map key. */
record ChannelSet(int[] channels) {
    boolean matches(int[] other, int size) {
        return Arrays.equals(channels, 0, channels.length, other, 0, size);
    }

    static boolean hasRepeats(int[] channels) {
        int[] sorted = channels.clone();
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof ChannelSet other && Arrays.equals(channels, other.channels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(channels);
    }
}
