package io.tributary.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Text and numbers as UTF-8 through one buffer, without a string in between for what is usual: longs, and doubles that
 * are short decimals. Not thread-safe.
 */
public final class TextOutput {
    private static final byte[] MIN_LONG = ascii0(Long.toString(Long.MIN_VALUE));
    /** Powers of ten that sensors need; each is exact as a double. */
    private static final double[] POWERS = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

    private static final double EXACT_MAX = 1L << 53;

    private final OutputStream out;
    private final byte[] buffer = new byte[8192];
    private int size;
    private long passedOn;

    public TextOutput(OutputStream out) {
        this.out = out;
    }

    /** Bytes written, buffered ones included. */
    public long bytes() {
        return passedOn + size;
    }

    /** @param c below 0x80 */
    public void ascii(char c) throws IOException {
        reserve(1);
        buffer[size++] = (byte) c;
    }

    /** @param text all characters below 0x80 */
    public void ascii(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            ascii(text.charAt(i));
        }
    }

    /** A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD. */
    public void text(String text) throws IOException {
        int i = 0;
        while (i < text.length()) {
            i += character(text, i);
        }
    }

    /**
     * The character at an index.
     *
     * @return how many chars it takes: 2 for a surrogate pair
     */
    int character(String text, int index) throws IOException {
        reserve(4);
        char c = text.charAt(index);
        if (c < 0x80) {
            buffer[size++] = (byte) c;
        } else if (c < 0x800) {
            buffer[size++] = (byte) (0xc0 | c >> 6);
            buffer[size++] = (byte) (0x80 | c & 0x3f);
        } else if (Character.isHighSurrogate(c)
                && index + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(index + 1))) {
            int point = Character.toCodePoint(c, text.charAt(index + 1));
            buffer[size++] = (byte) (0xf0 | point >> 18);
            buffer[size++] = (byte) (0x80 | point >> 12 & 0x3f);
            buffer[size++] = (byte) (0x80 | point >> 6 & 0x3f);
            buffer[size++] = (byte) (0x80 | point & 0x3f);
            return 2;
        } else {
            char shown = Character.isSurrogate(c) ? '\ufffd' : c;
            buffer[size++] = (byte) (0xe0 | shown >> 12);
            buffer[size++] = (byte) (0x80 | shown >> 6 & 0x3f);
            buffer[size++] = (byte) (0x80 | shown & 0x3f);
        }
        return 1;
    }

    public void number(long value) throws IOException {
        reserve(20);
        if (value == Long.MIN_VALUE) {
            System.arraycopy(MIN_LONG, 0, buffer, size, MIN_LONG.length);
            size += MIN_LONG.length;
            return;
        }
        if (value < 0) {
            buffer[size++] = '-';
        }
        digits(Math.abs(value), 1);
    }

    /** At least {@code width} digits, zeros in front. */
    public void padded(long value, int width) throws IOException {
        reserve(20 + width);
        digits(value, width);
    }

    /**
     * A finite number so that it reads back bit for bit and is seen to be a double: {@code 20.0}, {@code 0.125}, {@code
     * 1.0E-7}. NaN and infinities are the caller's affair.
     */
    public void number(double value) throws IOException {
        double magnitude = Math.abs(value);
        if (magnitude < EXACT_MAX && magnitude >= 1e-3) {
            for (int places = 0; places < POWERS.length; places++) {
                double scaled = Math.rint(magnitude * POWERS[places]);
                if (scaled >= EXACT_MAX) {
                    break;
                }
                // Both operands are exact, so the quotient is what a reader gets from these digits.
                if (scaled / POWERS[places] == magnitude) {
                    decimal(value < 0, (long) scaled, places);
                    return;
                }
            }
        }
        ascii(Double.toString(value));
    }

    private void decimal(boolean negative, long scaled, int places) throws IOException {
        reserve(24);
        if (negative) {
            buffer[size++] = '-';
        }
        long power = (long) POWERS[places];
        digits(scaled / power, 1);
        buffer[size++] = '.';
        if (places == 0) {
            buffer[size++] = '0';
        } else {
            digits(scaled % power, places);
        }
    }

    private void digits(long value, int width) {
        int count = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            count++;
        }
        count = Math.max(count, width);
        long rest = value;
        for (int i = size + count - 1; i >= size; i--) {
            buffer[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += count;
    }

    /** Hands what is buffered to the stream below, which is not flushed. */
    public void flush() throws IOException {
        if (size > 0) {
            int n = size;
            size = 0;
            passedOn += n;
            out.write(buffer, 0, n);
        }
    }

    private void reserve(int bytes) throws IOException {
        if (size + bytes > buffer.length) {
            flush();
        }
    }

    private static byte[] ascii0(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
