package io.tributary.agent.decode;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads CBOR (RFC 8949) as far as sensors use it. Lengths are held against what is left before anything is allocated;
 * nesting is bounded. One thread.
 */
final class CborReader {
    /** Additional information of a length that is not known in advance, and the count that stands for it here. */
    static final long INDEFINITE = -1;

    private static final int DEPTH_MAX = 16;
    private static final int MAJOR_UNSIGNED = 0;
    private static final int MAJOR_NEGATIVE = 1;
    private static final int MAJOR_BYTES = 2;
    private static final int MAJOR_TEXT = 3;
    private static final int MAJOR_ARRAY = 4;
    private static final int MAJOR_MAP = 5;
    private static final int MAJOR_TAG = 6;
    private static final int MAJOR_OTHER = 7;
    private static final int TAG_SELF_DESCRIBED = 55_799;
    private static final int TAG_DECIMAL_FRACTION = 4;
    private static final int BREAK = 0xff;
    private static final int FALSE = 20;
    private static final int TRUE = 21;
    /** Exponents of decimal fractions; doubles end at 308. */
    private static final int EXPONENT_MAX = 400;

    private final byte[] bytes;
    private int at;
    /** Of the item whose head was read last. */
    private int major;

    private int info;
    private long argument;

    CborReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean atEnd() {
        return at == bytes.length;
    }

    /** Whether an item without length ends here; the sign for it is taken then. */
    boolean takeBreak() throws MalformedException {
        if (peek() == BREAK) {
            at++;
            return true;
        }
        return false;
    }

    /** The tag that says "this is CBOR", which may stand before everything. */
    void skipSelfDescription() throws MalformedException {
        int start = at;
        head();
        if (major != MAJOR_TAG || argument != TAG_SELF_DESCRIBED) {
            at = start;
        }
    }

    /** @return elements, or {@link #INDEFINITE}: up to the break */
    long array() throws MalformedException {
        head();
        return count(MAJOR_ARRAY, "an array");
    }

    /** @return pairs, or {@link #INDEFINITE}: up to the break */
    long map() throws MalformedException {
        head();
        return count(MAJOR_MAP, "a map");
    }

    private long count(int expected, String what) throws MalformedException {
        if (major != expected) {
            throw found(what);
        }
        if (info != 31 && (argument < 0 || argument > bytes.length - at)) { // an element takes a byte at least
            throw new MalformedException(what + " of " + Long.toUnsignedString(argument) + " elements at byte "
                    + (at + 1) + ", but only " + (bytes.length - at) + " bytes are left");
        }
        return info == 31 ? INDEFINITE : argument;
    }

    /** True when the next item is a text. */
    boolean isText() throws MalformedException {
        return peek() >> 5 == MAJOR_TEXT;
    }

    String text() throws MalformedException {
        head();
        return ValueTexts.utf8(chunks(MAJOR_TEXT, "a text"));
    }

    byte[] bytes() throws MalformedException {
        head();
        return chunks(MAJOR_BYTES, "a byte string");
    }

    private byte[] chunks(int expected, String what) throws MalformedException {
        if (major != expected) {
            throw found(what);
        }
        if (info != 31) {
            return chunk();
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!takeBreak()) {
            head();
            if (major != expected || info == 31) {
                throw found("a part of " + what);
            }
            byte[] chunk = chunk();
            if (all.size() + chunk.length > ValueTexts.STRING_BYTES_MAX) {
                throw tooLong((long) all.size() + chunk.length);
            }
            all.writeBytes(chunk);
        }
        return all.toByteArray();
    }

    private byte[] chunk() throws MalformedException {
        if (argument < 0 || argument > ValueTexts.STRING_BYTES_MAX) {
            throw tooLong(argument);
        }
        int length = (int) argument;
        need(length);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    private MalformedException tooLong(long length) {
        return new MalformedException("a text of " + Long.toUnsignedString(length) + " bytes at byte " + (at + 1)
                + ", expected at most " + ValueTexts.STRING_BYTES_MAX);
    }

    boolean bool() throws MalformedException {
        head();
        if (major != MAJOR_OTHER || (info != FALSE && info != TRUE)) {
            throw found("true or false");
        }
        return info == TRUE;
    }

    /** A whole number that a long holds. */
    long whole() throws MalformedException {
        head();
        if ((major != MAJOR_UNSIGNED && major != MAJOR_NEGATIVE) || argument < 0 || info == 31) {
            throw found("a whole number of 64 bits");
        }
        return major == MAJOR_UNSIGNED ? argument : -1 - argument;
    }

    /** An integer, a float of any size, or a decimal fraction. */
    BigDecimal number() throws MalformedException {
        head();
        if (major == MAJOR_TAG && argument == TAG_DECIMAL_FRACTION) {
            if (array() != 2) {
                throw new MalformedException("a decimal fraction at byte " + at + ", expected exponent and mantissa");
            }
            long exponent = whole();
            head();
            BigInteger mantissa = integer();
            if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX) {
                throw new MalformedException("exponent " + exponent + ", expected at most " + EXPONENT_MAX);
            }
            BigDecimal number = new BigDecimal(mantissa, (int) -exponent);
            return Double.isInfinite(number.doubleValue()) ? Decimals.of(Double.POSITIVE_INFINITY) : number;
        }
        if (major == MAJOR_OTHER && info >= 25 && info <= 27) {
            return Decimals.of(floating());
        }
        return new BigDecimal(integer());
    }

    private BigInteger integer() throws MalformedException {
        if ((major != MAJOR_UNSIGNED && major != MAJOR_NEGATIVE) || info == 31) {
            throw found("a number");
        }
        BigInteger value = new BigInteger(Long.toUnsignedString(argument));
        return major == MAJOR_UNSIGNED ? value : value.not();
    }

    private double floating() throws MalformedException {
        return switch (info) {
            case 25 -> half((int) argument);
            // The shortest decimal of the float is what the sender meant.
            case 26 -> {
                float single = Float.intBitsToFloat((int) argument);
                yield Float.isFinite(single) ? Double.parseDouble(Float.toString(single)) : single;
            }
            default -> Double.longBitsToDouble(argument);
        };
    }

    /** RFC 8949, appendix D. */
    private static double half(int bits) {
        int exponent = bits >> 10 & 0x1f;
        int mantissa = bits & 0x3ff;
        double value;
        if (exponent == 0) {
            value = Math.scalb((double) mantissa, -24);
        } else if (exponent < 31) {
            value = Math.scalb((double) (mantissa + 1024), exponent - 25);
        } else {
            value = mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        return (bits & 0x8000) != 0 ? -value : value;
    }

    /** Passes over the next item, whatever it is. */
    void skip() throws MalformedException {
        skip(0);
    }

    private void skip(int depth) throws MalformedException {
        if (depth > DEPTH_MAX) {
            throw new MalformedException("nested deeper than " + DEPTH_MAX + " at byte " + (at + 1));
        }
        head();
        switch (major) {
            case MAJOR_BYTES, MAJOR_TEXT -> chunks(major, "a text");
            case MAJOR_ARRAY, MAJOR_MAP -> {
                int width = major == MAJOR_MAP ? 2 : 1;
                long count = count(major, "a container");
                for (long i = 0; count == INDEFINITE ? !takeBreak() : i < count; i++) {
                    for (int item = 0; item < width; item++) {
                        skip(depth + 1);
                    }
                }
            }
            case MAJOR_TAG -> skip(depth + 1);
            default -> {
                if (info == 31) {
                    throw found("an item");
                }
            }
        }
    }

    private void head() throws MalformedException {
        need(1);
        int first = bytes[at++] & 0xff;
        major = first >> 5;
        info = first & 0x1f;
        if (info < 24) {
            argument = info;
        } else if (info <= 27) {
            int size = 1 << (info - 24);
            need(size);
            ByteBuffer buffer = ByteBuffer.wrap(bytes, at, size);
            argument = switch (size) {
                case 1 -> buffer.get() & 0xffL;
                case 2 -> buffer.getShort() & 0xffffL;
                case 4 -> buffer.getInt() & 0xffff_ffffL;
                default -> buffer.getLong();
            };
            at += size;
        } else if (info != 31 || major == MAJOR_UNSIGNED || major == MAJOR_NEGATIVE || major == MAJOR_TAG) {
            throw new MalformedException("byte 0x" + Integer.toHexString(first) + " at byte " + at + " begins no item");
        } else {
            argument = INDEFINITE;
        }
    }

    private int peek() throws MalformedException {
        need(1);
        return bytes[at] & 0xff;
    }

    private void need(int count) throws MalformedException {
        if (bytes.length - at < count) {
            throw new MalformedException(
                    "ends at byte " + bytes.length + ", expected " + count + " more from byte " + (at + 1));
        }
    }

    private MalformedException found(String expectation) {
        String[] names = {
            "a positive number",
            "a negative number",
            "a byte string",
            "a text",
            "an array",
            "a map",
            "a tag",
            "a float or simple value"
        };
        return new MalformedException(
                "found " + names[major] + " before byte " + (at + 1) + ", expected " + expectation);
    }
}
