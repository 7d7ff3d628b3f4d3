package io.tributary.collector.storage;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import java.util.Arrays;
import java.util.Base64;

/** A place in the log: in each partition, the offset of the next record. Immutable. Its text is a token for clients. */
public final class LogPosition {
    private static final int VERSION = 1;
    private static final int PARTITIONS_MAX = 4096;

    private final long[] next;

    LogPosition(long[] next) {
        this.next = next.clone();
    }

    int partitions() {
        return next.length;
    }

    long next(int partition) {
        return next[partition];
    }

    LogPosition with(int partition, long offset) {
        LogPosition moved = new LogPosition(next);
        moved.next[partition] = offset;
        return moved;
    }

    public byte[] encode() {
        ByteSink out = new ByteSink(16 + 4 * next.length);
        out.writeByte(VERSION);
        out.writeVarint(next.length);
        for (long offset : next) {
            out.writeVarint(offset);
        }
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException when these are not the bytes of a position */
    public static LogPosition decode(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("position of version " + version + ", expected " + VERSION);
            }
            long[] next = new long[in.readCount("partitions", PARTITIONS_MAX)];
            for (int i = 0; i < next.length; i++) {
                next[i] = in.readVarint();
                if (next[i] < 0) {
                    throw new IllegalArgumentException("offset " + next[i] + ", expected 0 or more");
                }
            }
            in.expectEnd();
            return new LogPosition(next);
        } catch (CorruptColumnException e) {
            throw new IllegalArgumentException("not a position in the log: " + e.getMessage(), e);
        }
    }

    public String token() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(encode());
    }

    /** @throws IllegalArgumentException when it is no token of a position */
    public static LogPosition parse(String token) {
        return decode(Base64.getUrlDecoder().decode(token));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogPosition position && Arrays.equals(next, position.next);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(next);
    }

    @Override
    public String toString() {
        return token();
    }
}
