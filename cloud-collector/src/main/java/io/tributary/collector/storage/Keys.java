package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.column.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the store; all numbers big endian, so that keys sort as numbers do.
 *
 * <pre>
 * chunk       bucket i64, sign flipped | device: length u8, UTF-8 | fragment u32
 * catalog     device UTF-8
 * deadletter  id u64
 * meta        'f'                                   format of the store
 *             'c'                                   last collector time
 *             'd'                                   next dead letter, letters dropped
 *             'L'                                   log up to which ledgers, dead letters and clock have come: position, record
 *             'R'                                   log up to which all of it is in chunks: position
 *             'y' position u64                      damaged stretch of the log that was told of
 *             'p' partition u16                     log up to which the partition is in chunks, next fragment, devices
 *             's' kind: length u8, UTF-8 | name     a value of a {@link StateStore}
 *             'w' bucket | device, as in chunk          fragments to be folded
 *             't' bucket | device, as in chunk          late fragments to be folded: from which collector time on
 *             'h'                                   how far retention has come: ns
 *             'q' rule                              first bucket that a rule of retention has not swept
 *             'b' partition u16 | bucket | agent | epoch, as in 'o'   stored readings
 *             'x' id u64                            erasure
 *             'i'                                   next erasure
 *             'r'                                   there, while counts have to be made anew after a salvage
 *             'k' bucket | device, as in chunk          time of the last flush to a bucket that is not folded for good
 *             'o' agent: length u8, UTF-8 | epoch u64 | 'a' first u64           arrived interval
 *                                                     | 'c'                     counts
 *                                                     | 'e' first u64 | cause   evicted interval
 *                                                     | 'p' partition u16       settled counts
 * </pre>
 */
final class Keys {
    static final byte[] FORMAT = {'f'};
    static final byte[] CLOCK = {'c'};
    static final byte[] DEAD_LETTERS = {'d'};
    static final byte[] LEDGERS = {'L'};
    static final byte[] REPLAY = {'R'};
    static final byte[] RETENTION = {'h'};
    static final byte[] ERASURES = {'x'};
    static final byte[] ERASURE_IDS = {'i'};
    static final byte[] ORIGINS = {'o'};
    static final byte[] FOLDS = {'w'};
    static final byte[] LATE_FOLDS = {'t'};
    static final byte[] COLD = {'k'};
    static final byte[] SALVAGED = {'r'};
    static final byte[] TALLIES = {'b'};

    private static final int LENGTH_MAX = 255;

    private Keys() {}

    /** A stretch of the log that is damaged, and was told of. */
    static byte[] damagedLog(long position) {
        return ByteBuffer.allocate(9).put((byte) 'y').putLong(position).array();
    }

    static byte[] partition(int partition) {
        return ByteBuffer.allocate(3)
                .put((byte) 'p')
                .putShort((short) partition)
                .array();
    }

    static byte[] state(String kind, String name) {
        byte[] prefix = statePrefix(kind);
        byte[] suffix = Utf8.encode(name);
        return ByteBuffer.allocate(prefix.length + suffix.length)
                .put(prefix)
                .put(suffix)
                .array();
    }

    static byte[] statePrefix(String kind) {
        byte[] bytes = Utf8.encode(kind);
        if (bytes.length > LENGTH_MAX) {
            throw new IllegalArgumentException("kind of " + bytes.length + " bytes, expected at most " + LENGTH_MAX);
        }
        return ByteBuffer.allocate(2 + bytes.length)
                .put((byte) 's')
                .put((byte) bytes.length)
                .put(bytes)
                .array();
    }

    static byte[] origin(Origin origin) {
        byte[] agent = Utf8.encode(origin.agent());
        return ByteBuffer.allocate(10 + agent.length)
                .put((byte) 'o')
                .put((byte) agent.length)
                .put(agent)
                .putLong(origin.epoch())
                .array();
    }

    static byte[] arrived(byte[] origin, long first) {
        return ByteBuffer.allocate(origin.length + 9)
                .put(origin)
                .put((byte) 'a')
                .putLong(first)
                .array();
    }

    static byte[] counts(byte[] origin) {
        return ByteBuffer.allocate(origin.length + 1)
                .put(origin)
                .put((byte) 'c')
                .array();
    }

    static byte[] evicted(byte[] origin, long first, String cause) {
        byte[] bytes = Utf8.encode(cause);
        return ByteBuffer.allocate(origin.length + 9 + bytes.length)
                .put(origin)
                .put((byte) 'e')
                .putLong(first)
                .put(bytes)
                .array();
    }

    /** What the settled counts of an origin in every partition begin with. */
    static byte[] settledPrefix(byte[] origin) {
        return ByteBuffer.allocate(origin.length + 1)
                .put(origin)
                .put((byte) 'p')
                .array();
    }

    static byte[] settled(byte[] origin, int partition) {
        return ByteBuffer.allocate(origin.length + 3)
                .put(origin)
                .put((byte) 'p')
                .putShort((short) partition)
                .array();
    }

    static byte[] erasure(long id) {
        return ByteBuffer.allocate(9).put((byte) 'x').putLong(id).array();
    }

    static long erasureId(byte[] key) {
        return ByteBuffer.wrap(key).getLong(1);
    }

    /** How far a rule has been applied to buckets that hold other readings, too. */
    static byte[] sweep(String rule) {
        byte[] text = Utf8.encode(rule);
        return ByteBuffer.allocate(1 + text.length).put((byte) 'q').put(text).array();
    }

    /** What the tallies of a partition in a bucket begin with. */
    static byte[] tallyPrefix(int partition, long bucket) {
        return ByteBuffer.allocate(11)
                .put((byte) 'b')
                .putShort((short) partition)
                .putLong(bucket ^ Long.MIN_VALUE)
                .array();
    }

    static byte[] tally(int partition, long bucket, Origin origin) {
        byte[] prefix = tallyPrefix(partition, bucket);
        byte[] suffix = origin(origin);
        return ByteBuffer.allocate(prefix.length + suffix.length)
                .put(prefix)
                .put(suffix)
                .array();
    }

    static long tallyBucket(byte[] key) {
        return ByteBuffer.wrap(key).getLong(3) ^ Long.MIN_VALUE;
    }

    /** The key under {@code 'o'} of the origin that a tally counts. */
    static byte[] tallyOrigin(byte[] key) {
        return Arrays.copyOfRange(key, 11, key.length);
    }

    /** A key under an origin, taken apart. */
    record OriginKey(Origin origin, char kind, long first, String cause) {}

    /** Null when the key is none of an origin. */
    static @Nullable OriginKey originKey(byte[] key) {
        if (key.length < 2 || key[0] != 'o') {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(key, 1, key.length - 1);
        byte[] agent = new byte[in.get() & 0xff];
        if (in.remaining() < agent.length + 9) {
            return null;
        }
        in.get(agent);
        Origin origin = new Origin(new String(agent, StandardCharsets.UTF_8), in.getLong());
        char kind = (char) in.get();
        long first = kind == 'a' || kind == 'e' ? in.getLong() : kind == 'p' ? in.getShort() & 0xffff : 0;
        byte[] cause = new byte[in.remaining()];
        in.get(cause);
        return new OriginKey(origin, kind, first, new String(cause, StandardCharsets.UTF_8));
    }

    /** @param prefix of the fragments of a device in a bucket */
    static byte[] fold(byte[] prefix) {
        return note('w', prefix);
    }

    /** @param prefix of the fragments of a device in a bucket */
    static byte[] lateFold(byte[] prefix) {
        return note('t', prefix);
    }

    /** @param prefix of the fragments of a device in a bucket */
    static byte[] cold(byte[] prefix) {
        return note('k', prefix);
    }

    private static byte[] note(char kind, byte[] prefix) {
        return ByteBuffer.allocate(1 + prefix.length)
                .put((byte) kind)
                .put(prefix)
                .array();
    }

    /** The prefix of the fragments that a note is of. */
    static byte[] notedPrefix(byte[] note) {
        return Arrays.copyOfRange(note, 1, note.length);
    }

    static byte[] id(long id) {
        return ByteBuffer.allocate(8).putLong(id).array();
    }

    static byte[] longs(long... values) {
        ByteBuffer out = ByteBuffer.allocate(8 * values.length);
        for (long value : values) {
            out.putLong(value);
        }
        return out.array();
    }

    static long longAt(byte[] bytes, int index) {
        return ByteBuffer.wrap(bytes).getLong(8 * index);
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        if (key.length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (key[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
