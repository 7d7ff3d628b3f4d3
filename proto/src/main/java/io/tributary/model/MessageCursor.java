package io.tributary.model;

import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;

/**
 * Reads the fields of one protobuf message one after the other. By hand, because generated code would allocate an object
 * per message before any limit could be checked: two bytes of input can cost a hundred of memory.
 *
 * <pre>
 * while (cursor.next()) {
 *     switch (cursor.field()) {
 *         case 1 -> rows = cursor.varint();
 *         default -> cursor.skip();
 *     }
 * }
 * </pre>
 */
final class MessageCursor {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteSource in;
    private int field;
    private int wireType;

    MessageCursor(ByteSource in) {
        this.in = in;
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() throws CorruptColumnException {
        if (in.remaining() == 0) {
            return false;
        }
        int tag = in.readCount("field tag", Integer.MAX_VALUE);
        field = tag >>> 3;
        wireType = tag & 7;
        if (field == 0) {
            throw new CorruptColumnException("field number 0 at byte " + in.position());
        }
        return true;
    }

    int field() {
        return field;
    }

    long varint() throws CorruptColumnException {
        expect(VARINT);
        return in.readVarint();
    }

    int count(String what, int max) throws CorruptColumnException {
        expect(VARINT);
        return in.readCount(what, max);
    }

    int fixed32() throws CorruptColumnException {
        expect(FIXED32);
        return in.readInt();
    }

    ByteSource bytes() throws CorruptColumnException {
        expect(BYTES);
        return in.slice(in.readCount("field length", in.remaining()));
    }

    /** Moves over a field that this version does not know. */
    void skip() throws CorruptColumnException {
        switch (wireType) {
            case VARINT -> in.readVarint();
            case FIXED64 -> in.skip(8);
            case BYTES -> in.skip(in.readCount("field length", in.remaining()));
            case FIXED32 -> in.skip(4);
            default ->
                throw new CorruptColumnException(
                        "wire type " + wireType + " of field " + field + " at byte " + in.position());
        }
    }

    private void expect(int expected) throws CorruptColumnException {
        if (wireType != expected) {
            throw new CorruptColumnException("field " + field + " has wire type " + wireType + ", expected " + expected
                    + ", at byte " + in.position());
        }
    }
}
