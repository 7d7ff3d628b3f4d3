package io.tributary.agent.outbox;

import io.tributary.agent.clock.ClockStamp;
import io.tributary.agent.seal.RecordSeal;
import io.tributary.model.SequenceRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the outbox's keys and values look like; FORMAT.md draws it. Integers are big-endian, so that keys sort by number.
 *
 * <pre>
 * batch   key    first sequence u64 | readings u32 | bytes u32 | flags u8, absent when 4     (counting needs no values)
 *         value  version u8 | CRC-32C of all behind it u32 | oldest event time i64 | newest event time i64 |  edge time i64
 *                | boot u64, wall i64, monotonic i64 when flags have bit 3 | batch
 *         sealed: version 2, and in the place of the batch what RecordSeal makes of it
 * class   key    priority u8 | first sequence u64    value  the batch's key
 * lost    key    first sequence u64 | epoch u64, absent when it is the outbox's    value  readings u64 | cause UTF-8
 * letter  key    number u64            value  time i64 | source u16+UTF-8 | cause u16+UTF-8 | detail u16+UTF-8 | payload
 * </pre>
 */
final class OutboxFormat {
    static final int KEY_BYTES = 16;
    private static final byte VERSION = 1;
    private static final byte SEALED_VERSION = 2;
    private static final int HEADER_BYTES = 29;
    private static final int CRC_FROM = 5;
    private static final int PRIORITY = 0x07;
    private static final int UNCERTAIN = 0x08;
    private static final int THINNED = 0x80;
    /** Behind the header of a batch whose stamps are uncertain. */
    private static final int STAMP_BYTES = 24;

    private OutboxFormat() {}

    /** The parts of a batch's key. */
    record BatchKey(long first, int readings, int bytes, int flags) {
        long end() {
            return first + readings;
        }

        int priority() {
            return flags & PRIORITY;
        }

        boolean thinned() {
            return (flags & THINNED) != 0;
        }

        /** Stamped by a clock that could not be believed. */
        boolean uncertain() {
            return (flags & UNCERTAIN) != 0;
        }

        int stampBytes() {
            return uncertain() ? STAMP_BYTES : 0;
        }

        /** Of the default priority and not thinned: without an entry in {@code class}. */
        boolean isPlain() {
            return flags == ChannelClass.DEFAULT_PRIORITY;
        }

        byte[] encoded() {
            return key(first, readings, bytes, flags);
        }

        SequenceRange range() {
            return new SequenceRange(first, readings);
        }
    }

    static byte[] key(long first, EncodedBatch batch) {
        return key(
                first,
                batch.readings(),
                batch.bytes().length,
                batch.priority() | (batch.thinned() ? THINNED : 0) | (batch.uncertain() != null ? UNCERTAIN : 0));
    }

    private static byte[] key(long first, int readings, int bytes, int flags) {
        boolean isPlain = flags == ChannelClass.DEFAULT_PRIORITY;
        ByteBuffer key = ByteBuffer.allocate(isPlain ? KEY_BYTES : KEY_BYTES + 1)
                .putLong(first)
                .putInt(readings)
                .putInt(bytes);
        return isPlain ? key.array() : key.put((byte) flags).array();
    }

    static byte[] classKey(int priority, long first) {
        return ByteBuffer.allocate(9).put((byte) priority).putLong(first).array();
    }

    static byte[] key(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    static long number(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    static BatchKey batchKey(byte[] key) throws OutboxException {
        if (key.length != KEY_BYTES && key.length != KEY_BYTES + 1) {
            throw new OutboxException("batch key of " + key.length + " bytes, expected " + KEY_BYTES + " or one more");
        }
        ByteBuffer in = ByteBuffer.wrap(key);
        BatchKey parts = new BatchKey(
                in.getLong(),
                in.getInt(),
                in.getInt(),
                key.length == KEY_BYTES ? ChannelClass.DEFAULT_PRIORITY : key[KEY_BYTES] & 0xff);
        if (parts.first < 0 || parts.readings <= 0 || parts.bytes <= 0) {
            throw new OutboxException("batch key of sequence " + parts.first + ", " + parts.readings + " readings, "
                    + parts.bytes + " bytes, expected positive numbers");
        }
        return parts;
    }

    static byte[] value(EncodedBatch batch) {
        ClockStamp stamp = batch.uncertain();
        byte[] value = new byte[HEADER_BYTES + (stamp == null ? 0 : STAMP_BYTES) + batch.bytes().length];
        ByteBuffer out = ByteBuffer.wrap(value);
        out.put(VERSION);
        out.putInt(0);
        out.putLong(batch.oldestEventTimeNs());
        out.putLong(batch.newestEventTimeNs());
        out.putLong(batch.edgeTimeNs());
        if (stamp != null) {
            out.putLong(stamp.boot()).putLong(stamp.wallNs()).putLong(stamp.monotonicNs());
        }
        out.put(batch.bytes());
        out.putInt(1, crc(value));
        return value;
    }

    static OutboxRecord record(byte[] key, byte[] value) throws OutboxException {
        BatchKey parts = batchKey(key);
        int length = HEADER_BYTES + parts.stampBytes() + parts.bytes;
        if (value.length != length) {
            throw new OutboxException(
                    "batch at sequence " + parts.first + " has " + value.length + " bytes, expected " + length, true);
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = in.get();
        if (version != VERSION) {
            throw new OutboxException(
                    "batch at sequence " + parts.first + " has version " + version + ", expected " + VERSION);
        }
        int stored = in.getInt();
        int actual = crc(value);
        if (stored != actual) {
            throw new OutboxException(
                    "batch at sequence " + parts.first
                            + " has CRC-32C %08x, its header says %08x".formatted(actual, stored),
                    true);
        }
        long oldest = in.getLong();
        long newest = in.getLong();
        long edge = in.getLong();
        ClockStamp stamp = parts.uncertain() ? new ClockStamp(in.getLong(), in.getLong(), in.getLong()) : null;
        byte[] batch = new byte[parts.bytes];
        in.get(batch);
        return new OutboxRecord(
                0,
                parts.first,
                new EncodedBatch(
                        parts.readings, oldest, newest, edge, batch, parts.priority(), parts.thinned(), stamp));
    }

    // ---- sealed batches ----

    static boolean isSealed(byte[] value) {
        return value.length > 0 && value[0] == SEALED_VERSION;
    }

    /** Where the batch begins in its value. */
    static int headerBytes(byte[] key) throws OutboxException {
        return HEADER_BYTES + batchKey(key).stampBytes();
    }

    /** The ID of the key that seals a value; null when it is plain or too short. */
    static @Nullable String sealedBy(byte[] key, byte[] value) throws OutboxException {
        int header = headerBytes(key);
        return isSealed(value) && value.length >= header + RecordSeal.OVERHEAD_BYTES
                ? RecordSeal.name(RecordSeal.keyId(value, header))
                : null;
    }

    /** What is between checksum and batch, in both kinds of values the same: times and stamp. */
    static byte[] header(byte[] value, int headerBytes) {
        return Arrays.copyOfRange(value, CRC_FROM, headerBytes);
    }

    /** A plain value with its batch replaced. */
    static byte[] sealed(byte[] plain, int headerBytes, byte[] sealedBatch) {
        return withBatch(SEALED_VERSION, plain, headerBytes, sealedBatch);
    }

    /** A sealed value with its batch replaced by the plain one: as if it had never been sealed. */
    static byte[] opened(byte[] sealed, int headerBytes, byte[] batch) {
        return withBatch(VERSION, sealed, headerBytes, batch);
    }

    private static byte[] withBatch(byte version, byte[] of, int headerBytes, byte[] batch) {
        byte[] value = Arrays.copyOf(of, headerBytes + batch.length);
        value[0] = version;
        System.arraycopy(batch, 0, value, headerBytes, batch.length);
        ByteBuffer.wrap(value).putInt(1, crc(value));
        return value;
    }

    /** Of a batch's value, without looking at the rest. */
    static long edgeTimeNs(byte[] value) throws OutboxException {
        if (value.length < HEADER_BYTES) {
            throw new OutboxException("batch of " + value.length + " bytes, expected at least " + HEADER_BYTES);
        }
        return ByteBuffer.wrap(value).getLong(HEADER_BYTES - 8);
    }

    /** Of a batch's value, without looking at the rest; null when its stamps are right. */
    static @Nullable ClockStamp stamp(BatchKey key, byte[] value) throws OutboxException {
        if (!key.uncertain()) {
            return null;
        }
        if (value.length < HEADER_BYTES + STAMP_BYTES) {
            throw new OutboxException(
                    "batch of " + value.length + " bytes, expected at least " + (HEADER_BYTES + STAMP_BYTES));
        }
        ByteBuffer in = ByteBuffer.wrap(value, HEADER_BYTES, STAMP_BYTES);
        return new ClockStamp(in.getLong(), in.getLong(), in.getLong());
    }

    /** Cheap for what is none: lengths are compared before the checksum. */
    static boolean isBatch(byte[] key, byte[] value) {
        boolean known = key.length >= KEY_BYTES
                && value.length >= HEADER_BYTES
                && (value[0] == VERSION || value[0] == SEALED_VERSION);
        if (!known) {
            return false;
        }
        int bytes = ByteBuffer.wrap(key).getInt(12) + (isSealed(value) ? RecordSeal.OVERHEAD_BYTES : 0);
        boolean uncertain = key.length > KEY_BYTES && (key[KEY_BYTES] & UNCERTAIN) != 0;
        return value.length == HEADER_BYTES + (uncertain ? STAMP_BYTES : 0) + bytes
                && ByteBuffer.wrap(value).getInt(1) == crc(value);
    }

    private static int crc(byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(value, CRC_FROM, value.length - CRC_FROM);
        return (int) crc.getValue();
    }

    /** The rest of an epoch comes last, and beside a range that begins at 0. */
    static byte[] lostKey(LostRange lost) {
        ByteBuffer key = ByteBuffer.allocate(lost.epoch() == 0 ? 8 : 16)
                .putLong(lost.isRest() ? Long.MAX_VALUE : lost.range().first());
        return lost.epoch() == 0 ? key.array() : key.putLong(lost.epoch()).array();
    }

    static byte[] lost(LostRange lost) {
        byte[] cause = lost.cause().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + cause.length)
                .putLong(lost.range().count())
                .put(cause)
                .array();
    }

    static LostRange lost(byte[] key, byte[] value) throws OutboxException {
        if ((key.length != 8 && key.length != 16) || value.length < 9) {
            throw new OutboxException("lost range of " + key.length + " and " + value.length + " bytes");
        }
        long count = ByteBuffer.wrap(value).getLong();
        return new LostRange(
                key.length == 8 ? 0 : ByteBuffer.wrap(key).getLong(8),
                new SequenceRange(number(key) == Long.MAX_VALUE ? 0 : number(key), count),
                new String(value, 8, value.length - 8, StandardCharsets.UTF_8));
    }

    static byte[] letter(DeadLetter letter) {
        byte[] source = text(letter.source());
        byte[] cause = text(letter.cause());
        byte[] detail = text(letter.detail());
        ByteBuffer out =
                ByteBuffer.allocate(14 + source.length + cause.length + detail.length + letter.payload().length);
        out.putLong(letter.timeNs());
        for (byte[] each : new byte[][] {source, cause, detail}) {
            out.putShort((short) each.length).put(each);
        }
        return out.put(letter.payload()).array();
    }

    static DeadLetter letter(byte[] value) throws OutboxException {
        try {
            ByteBuffer in = ByteBuffer.wrap(value);
            long time = in.getLong();
            String[] texts = new String[3];
            for (int i = 0; i < texts.length; i++) {
                byte[] bytes = new byte[in.getShort() & 0xffff];
                in.get(bytes);
                texts[i] = new String(bytes, StandardCharsets.UTF_8);
            }
            byte[] payload = new byte[in.remaining()];
            in.get(payload);
            return new DeadLetter(time, texts[0], texts[1], texts[2], payload);
        } catch (java.nio.BufferUnderflowException e) {
            throw new OutboxException("dead letter of " + value.length + " bytes is cut short", e);
        }
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= 1024 ? bytes : java.util.Arrays.copyOf(bytes, 1024);
    }
}
