package io.tributary.collector.log;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import java.util.Base64;

/**
 * A place in the log, between two records. Its text is a token for clients.
 *
 * @param number of records with readings before it, since the log began
 * @param position in bytes, since the log began
 */
public record LogPosition(long number, long position) {
    private static final int VERSION = 2;

    public LogPosition {
        if (number < 0 || position < 0) {
            throw new IllegalArgumentException(
                    "record " + number + " at byte " + position + ", expected 0 or more of both");
        }
    }

    public byte[] encode() {
        ByteSink out = new ByteSink(16);
        out.writeByte(VERSION);
        out.writeVarint(number);
        out.writeVarint(position);
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException when these are not the bytes of a position */
    public static LogPosition decode(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("position of version " + version + ", expected " + VERSION
                        + "; begin at a collector time instead");
            }
            LogPosition position = new LogPosition(in.readVarint(), in.readVarint());
            in.expectEnd();
            return position;
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
    public String toString() {
        return token();
    }
}
