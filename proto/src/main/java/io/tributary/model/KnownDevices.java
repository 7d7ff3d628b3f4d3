package io.tributary.model;

import io.tributary.column.ByteSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Devices by the bytes that told of them, and whole dictionaries by their devices: gateways name the same thousands in every
 * batch, and making their texts and maps anew, and finding each of them at every hop, took longer than everything else about
 * a row. A dictionary that comes again is the same list. Forgets some devices when there are more than a few thousand. Any
 * thread.
 */
public final class KnownDevices {
    private static final int SETS = 1 << 11;
    private static final int WAYS = 2;
    /** Of larger ones a few thousand would be too much memory. */
    private static final int BYTES_MAX = 256;
    /** Of dictionaries that are remembered as a whole, and how many of them. */
    private static final int DICTIONARY_MAX = 2048;

    private static final int DICTIONARIES = 4;

    private final AtomicReferenceArray<@Nullable Known> known = new AtomicReferenceArray<>(SETS * WAYS);
    private final AtomicReferenceArray<@Nullable Dictionary> dictionaries = new AtomicReferenceArray<>(DICTIONARIES);
    /** The last one: those of a fleet are alike. */
    private volatile List<Channel> lastChannels = List.of();

    private record Known(byte[] bytes, Device device) {
        boolean is(ByteSource message) {
            int at = message.position();
            return Arrays.equals(message.array(), at, at + message.remaining(), bytes, 0, bytes.length);
        }
    }

    private record Dictionary(Known[] entries, List<Device> devices) {}

    /** What a batch names, one device after the other. */
    final class Reading {
        private Known[] entries = {};
        private int size;
        /** Whose devices are likely to follow. */
        private @Nullable Dictionary expected;

        private int slot = -1;

        /** Null when it is not known: it has to be decoded, and told by {@link #add}. */
        @Nullable
        Device find(ByteSource message) {
            Dictionary like = expected;
            if (like != null && size < like.entries.length && like.entries[size].is(message)) {
                return take(like.entries[size]);
            }
            int set = set(message);
            if (slot < 0) {
                slot = set / WAYS % DICTIONARIES;
                like = dictionaries.get(slot);
                if (like != null && like.entries[0].is(message)) {
                    expected = like;
                    return take(like.entries[0]);
                }
            }
            for (int way = 0; way < WAYS; way++) {
                Known entry = known.get(set + way);
                if (entry != null && entry.is(message)) {
                    return take(entry);
                }
            }
            return null;
        }

        /** @param message that the device was decoded from, from its first byte on */
        void add(ByteSource message, Device device) {
            int length = message.remaining();
            int at = message.position();
            Known entry = new Known(Arrays.copyOfRange(message.array(), at, at + length), device);
            if (length <= BYTES_MAX) {
                int set = set(message);
                // The older one of a set goes.
                known.set(set + 1, known.get(set));
                known.set(set, entry);
            } else {
                size = DICTIONARY_MAX; // not to be remembered as a whole
            }
            take(entry);
        }

        private Device take(Known entry) {
            if (size < DICTIONARY_MAX) {
                if (size == entries.length) {
                    entries = Arrays.copyOf(entries, Math.max(16, size * 2));
                }
                entries[size] = entry;
            }
            size++;
            return entry.device;
        }

        /** The list that these devices were before, when they were. */
        List<Device> devices(List<Device> decoded) {
            if (size < 2 || size > DICTIONARY_MAX || slot < 0) {
                return decoded;
            }
            Dictionary like = expected;
            if (like != null && like.entries.length == size && Arrays.equals(like.entries, 0, size, entries, 0, size)) {
                return like.devices;
            }
            Dictionary fresh = new Dictionary(Arrays.copyOf(entries, size), List.copyOf(decoded));
            dictionaries.set(slot, fresh);
            return fresh.devices;
        }
    }

    Reading read() {
        return new Reading();
    }

    /** The list that these were before, when they were the last ones. */
    List<Channel> channels(List<Channel> decoded) {
        List<Channel> last = lastChannels;
        if (last.equals(decoded)) {
            return last;
        }
        List<Channel> fresh = List.copyOf(decoded);
        lastChannels = fresh;
        return fresh;
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
