package io.tributary.config;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written with its unit: {@code 64MiB}, {@code 1.5GiB}, {@code 500kB}, {@code 0B}. */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?) ?([A-Za-z]+)");
    private static final Map<String, Long> UNITS = Map.of(
            "B",
            1L,
            "kB",
            1000L,
            "MB",
            1000_000L,
            "GB",
            1000_000_000L,
            "TB",
            1000_000_000_000L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "TiB",
            1L << 40);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("byte size " + bytes + ", expected 0 or more");
        }
    }

    public static ByteSize ofMebibytes(long mebibytes) {
        return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /** @throws IllegalArgumentException saying what is expected, without the value */
    public static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text);
        Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(
                    "expected a size with its unit (B, KiB, MiB, GiB, TiB, kB, MB, GB, TB), " + "for example 64MiB");
        }
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
        try {
            return new ByteSize(bytes.longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("expected a whole number of bytes below 8388608TiB", e);
        }
    }

    /** For sizes that must be array lengths. */
    public int intBytes() {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("byte size " + this + ", expected less than 2GiB");
        }
        return (int) bytes;
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        String[] names = {"TiB", "GiB", "MiB", "KiB"};
        for (int i = 0; i < names.length; i++) {
            long unit = 1L << (40 - 10 * i);
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + names[i];
            }
        }
        return bytes + "B";
    }
}
