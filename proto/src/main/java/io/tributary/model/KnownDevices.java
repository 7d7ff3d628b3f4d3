package io.tributary.model;

import io.tributary.column.ByteSource;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Devices by the bytes that told of them: gateways name the same thousands in every batch, and making their texts and maps
 * anew took longer than everything else about a row. Forgets some when there are more than a few thousand. Any thread.
 */
public final class KnownDevices {
    private static final int SETS = 1 << 11;
    private static final int WAYS = 2;
    /** Of larger ones a few thousand would be too much memory. */
    private static final int BYTES_MAX = 256;

    private final AtomicReferenceArray<@Nullable Known> known = new AtomicReferenceArray<>(SETS * WAYS);

    private record Known(byte[] bytes, Device device) {
        boolean is(ByteSource message) {
            int at = message.position();
            return Arrays.equals(message.array(), at, at + message.remaining(), bytes, 0, bytes.length);
        }
    }

    /** Null when it is not known. */
    @Nullable
    Device find(ByteSource message) {
        int set = set(message);
        for (int way = 0; way < WAYS; way++) {
            Known entry = known.get(set + way);
            if (entry != null && entry.is(message)) {
                return entry.device;
            }
        }
        return null;
    }

    /** @param message that the device was decoded from, from its first byte on */
    void add(ByteSource message, Device device) {
        int length = message.remaining();
        if (length > BYTES_MAX) {
            return;
        }
        int at = message.position();
        int set = set(message);
        // The older one of a set goes.
        known.set(set + 1, known.get(set));
        known.set(set, new Known(Arrays.copyOfRange(message.array(), at, at + length), device));
    }

    private static int set(ByteSource message) {
        byte[] array = message.array();
        int end = message.position() + message.remaining();
        int hash = 1;
        for (int i = message.position(); i < end; i++) {
            hash = 31 * hash + array[i];
        }
        hash *= 0x9e3779b1;
        return (hash >>> 21) * WAYS;
    }
}
