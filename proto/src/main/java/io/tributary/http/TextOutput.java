package io.tributary.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Text and numbers as UTF-8 through one buffer, without a string in between for what is usual: longs, and doubles that
 * are short decimals. Not thread-safe.
 */
public final class TextOutput {
    private static final byte[] MIN_LONG = ascii0(Long.toString(Long.MIN_VALUE));
    private static final double THOUSAND = 1000;
    /** Above, an exponent is written; and thousandths fit an int below. */
    private static final double PLAIN_MAX = 1e6;

    private static final long SECOND = 1_000_000_000L;
    private static final long DAY_SECONDS = 86_400;

    private final OutputStream out;
    private final byte[] buffer = new byte[8192];
    /** The date written last, as most times of an answer have the same. */
    private final byte[] date = new byte[16];

    private int dateSize;
    private long dateDay = Long.MIN_VALUE;
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
        int length = text.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            buffer[size + i] = (byte) text.charAt(i);
        }
        size += length;
    }

    /** As many characters as need neither more than a byte nor an escape in JSON; the number of them. */
    int plain(String text, int from) throws IOException {
        int length = Math.min(text.length() - from, buffer.length / 2);
        reserve(length);
        int at = size;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(from + i);
            if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
                size = at + i;
                return i;
            }
            buffer[at + i] = (byte) c;
        }
        size = at + length;
        return length;
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
        reserve(ShortestDouble.BYTES_MAX);
        double magnitude = Math.abs(value);
        double scaled = Math.rint(magnitude * THOUSAND);
        // Both operands are exact, so the quotient is what a reader gets from these digits.
        if (magnitude < PLAIN_MAX && magnitude >= 1e-3 && scaled / THOUSAND == magnitude) {
            thousandths(value < 0, (int) scaled);
        } else {
            size = ShortestDouble.write(value, buffer, size);
        }
    }

    private void thousandths(boolean negative, int scaled) {
        if (negative) {
            buffer[size++] = '-';
        }
        digits(scaled / 1000, 1);
        int rest = scaled % 1000;
        buffer[size++] = '.';
        buffer[size++] = (byte) ('0' + rest / 100);
        if (rest % 100 != 0) {
            buffer[size++] = (byte) ('0' + rest / 10 % 10);
            if (rest % 10 != 0) {
                buffer[size++] = (byte) ('0' + rest % 10);
            }
        }
    }

    /** A point in time as RFC 3339 in UTC, with as many groups of three decimals as it takes. */
    public void time(long epochNanos) throws IOException {
        reserve(40);
        long seconds = Math.floorDiv(epochNanos, SECOND);
        int nanos = (int) (epochNanos - seconds * SECOND);
        long day = Math.floorDiv(seconds, DAY_SECONDS);
        if (day != dateDay) {
            writeDate(day);
        } else {
            System.arraycopy(date, 0, buffer, size, dateSize);
            size += dateSize;
        }
        int ofDay = (int) (seconds - day * DAY_SECONDS);
        buffer[size++] = 'T';
        twoDigits(ofDay / 3600);
        buffer[size++] = ':';
        twoDigits(ofDay / 60 % 60);
        buffer[size++] = ':';
        twoDigits(ofDay % 60);
        if (nanos != 0) {
            buffer[size++] = '.';
            if (nanos % 1_000_000 == 0) {
                digits(nanos / 1_000_000, 3);
            } else if (nanos % 1_000 == 0) {
                digits(nanos / 1_000, 6);
            } else {
                digits(nanos, 9);
            }
        }
        buffer[size++] = 'Z';
    }

    private void twoDigits(int value) {
        buffer[size++] = (byte) ('0' + value / 10);
        buffer[size++] = (byte) ('0' + value % 10);
    }

    /** Days to a civil date, by Howard Hinnant's {@code civil_from_days}: years begin in March, eras have 400 of them. */
    private void writeDate(long epochDay) {
        long shifted = epochDay + 719_468;
        long era = Math.floorDiv(shifted, 146_097);
        long dayOfEra = shifted - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shiftedMonth = (5 * dayOfYear + 2) / 153;
        long day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
        long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        int from = size;
        digits(year, 4);
        buffer[size++] = '-';
        digits(month, 2);
        buffer[size++] = '-';
        digits(day, 2);
        dateSize = size - from;
        System.arraycopy(buffer, from, date, 0, dateSize);
        dateDay = epochDay;
    }

    /** Bytes as they are, of any number. */
    public void bytes(byte[] bytes, int length) throws IOException {
        if (length > buffer.length) {
            flush();
            passedOn += length;
            out.write(bytes, 0, length);
            return;
        }
        reserve(length);
        System.arraycopy(bytes, 0, buffer, size, length);
        size += length;
    }

    private void digits(long value, int width) {
        size = Digits.write(value, Math.max(Digits.count(value), width), buffer, size);
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
