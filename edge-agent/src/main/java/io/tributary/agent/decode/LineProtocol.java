package io.tributary.agent.decode;

import io.tributary.model.ValueType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Parses InfluxDB line protocol (the v2 syntax reference), one line at a time.
 *
 * <pre>
 * weather,site=north,device=w7 temperature=20.5,humidity=61i,ok=true,note="dry" 1700000000000000000
 * measurement tags             fields                                            time stamp
 * </pre>
 *
 * Backslashes escape commas, spaces and (in keys and tag values) equal signs, in quoted texts quotes and backslashes; before
 * anything else they stand for themselves. Not thread-safe.
 */
public final class LineProtocol {
    private final Line line = new Line();
    private byte[] bytes = new byte[0];
    private int at;
    private int start;
    private int end;

    /**
     * @param from of the line in {@code source}
     * @param to exclusive, without the line break
     * @return the line, overwritten by the next call; null for an empty line or a comment
     * @throws MalformedException what was found where, counted in bytes from 1
     */
    public @Nullable Line parse(byte[] source, int from, int to) throws MalformedException {
        bytes = source;
        start = from;
        at = from;
        end = to > from && source[to - 1] == '\r' ? to - 1 : to;
        skipSpaces();
        if (at == end || peek() == '#') {
            return null;
        }
        line.clear(name("measurement", false));
        while (has(',')) {
            String key = name("tag key", true);
            expect('=', "tag key");
            line.tag(key, name("value of tag \"" + key + "\"", true));
        }
        if (!has(' ')) {
            throw expected("a space before the fields");
        }
        skipSpaces();
        do {
            field();
        } while (has(','));
        if (at < end && peek() != ' ') {
            throw expected("a comma or a space after a field");
        }
        skipSpaces();
        if (at < end) {
            line.time(timestamp());
            skipSpaces();
            if (at < end) {
                throw expected("the end of the line after the time stamp");
            }
        }
        return line;
    }

    // ---- names ----

    private String name(String what, boolean equalsEnds) throws MalformedException {
        int from = at;
        boolean escaped = false;
        while (at < end) {
            byte b = peek();
            if (b == '\\' && at + 1 < end && escapable(bytes[at + 1], equalsEnds)) {
                escaped = true;
                at += 2;
                continue;
            }
            if (b == ' ' || b == ',' || (equalsEnds && b == '=')) {
                break;
            }
            if ((b >= 0 && b < ' ') || b == 0x7f) {
                throw expected(what + " without control characters");
            }
            at++;
        }
        if (at == from) {
            throw expected(what);
        }
        return text(from, at, escaped ? (equalsEnds ? ",= " : ", ") : null);
    }

    private static boolean escapable(byte b, boolean equalsToo) {
        return b == ',' || b == ' ' || (equalsToo && b == '=');
    }

    private String text(int from, int to, @Nullable String escapes) throws MalformedException {
        int length = to - from;
        byte[] source = bytes;
        int first = from;
        if (escapes != null) {
            source = new byte[length];
            int size = 0;
            for (int i = from; i < to; i++) {
                if (bytes[i] == '\\' && i + 1 < to && escapes.indexOf(bytes[i + 1]) >= 0) {
                    i++;
                }
                source[size++] = bytes[i];
            }
            first = 0;
            length = size;
        }
        for (int i = first; i < first + length; i++) {
            if (source[i] < 0) {
                return utf8(source, first, length);
            }
        }
        return new String(source, first, length, StandardCharsets.ISO_8859_1);
    }

    private static String utf8(byte[] source, int first, int length) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(source, first, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("text is not UTF-8");
        }
    }

    // ---- fields ----

    private void field() throws MalformedException {
        String key = name("field key", true);
        expect('=', "field key");
        if (at == end) {
            throw expected("value of field \"" + key + "\"");
        }
        if (peek() == '"') {
            line.field(key, ValueType.STRING, 0, quoted());
            return;
        }
        int from = at;
        while (at < end && peek() != ',' && peek() != ' ') {
            at++;
        }
        if (at == from) {
            throw expected("value of field \"" + key + "\"");
        }
        byte last = bytes[at - 1];
        byte head = bytes[from];
        if (last == 'i' || last == 'u') {
            line.field(key, ValueType.LONG, integer(key, from, at - 1, last == 'u'), null);
        } else if ((head >= '0' && head <= '9') || head == '-' || head == '+' || head == '.') {
            line.field(key, ValueType.DOUBLE, Double.doubleToRawLongBits(number(key, from, at)), null);
        } else {
            line.field(key, ValueType.BOOL, bool(key, from, at) ? 1 : 0, null);
        }
    }

    private String quoted() throws MalformedException {
        int from = ++at;
        boolean escaped = false;
        while (at < end) {
            byte b = peek();
            if (b == '\\' && at + 1 < end && (bytes[at + 1] == '"' || bytes[at + 1] == '\\')) {
                escaped = true;
                at += 2;
                continue;
            }
            if (b == '"') {
                return text(from, at++, escaped ? "\"\\" : null);
            }
            at++;
        }
        throw expected("a closing quote");
    }

    private long integer(String key, int from, int to, boolean unsigned) throws MalformedException {
        boolean negative = from < to && bytes[from] == '-' && !unsigned;
        int digit = negative || (from < to && bytes[from] == '+' && !unsigned) ? from + 1 : from;
        if (digit == to) {
            throw bad(key, from, to + 1, "digits and i or u");
        }
        long value = 0;
        for (; digit < to; digit++) {
            int d = bytes[digit] - '0';
            if (d < 0 || d > 9) {
                throw bad(key, from, to + 1, "digits and i or u");
            }
            long next = value * 10 - d; // negative, as the range reaches further there
            if (value < Long.MIN_VALUE / 10 || next > value) {
                throw bad(key, from, to + 1, "a whole number of 64 bits with sign");
            }
            value = next;
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw bad(key, from, to + 1, "a whole number of 64 bits with sign");
        }
        return negative ? value : -value;
    }

    private double number(String key, int from, int to) throws MalformedException {
        boolean digits = false;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            digits |= b >= '0' && b <= '9';
            if ((b < '0' || b > '9') && b != '.' && b != '-' && b != '+' && b != 'e' && b != 'E') {
                throw bad(key, from, to, "a number");
            }
        }
        try {
            double value = digits
                    ? Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1))
                    : Double.NaN;
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw bad(key, from, to, "a number");
        }
        throw bad(key, from, to, "a number within the range of doubles");
    }

    private boolean bool(String key, int from, int to) throws MalformedException {
        String word = to - from > 5 ? "" : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        switch (word) {
            case "t", "T", "true", "True", "TRUE" -> {
                return true;
            }
            case "f", "F", "false", "False", "FALSE" -> {
                return false;
            }
            default -> throw bad(key, from, to, "a number, true, false, or a quoted text");
        }
    }

    // ---- time ----

    private long timestamp() throws MalformedException {
        int from = at;
        while (at < end && peek() != ' ') {
            at++;
        }
        String text = new String(bytes, from, Math.min(at - from, 21), StandardCharsets.ISO_8859_1);
        try {
            if (at - from <= 20 && text.charAt(0) != '+') {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "time stamp \"" + shown(from, at) + "\", expected a whole number of 64 bits, at " + place(from));
        }
        throw new MalformedException(
                "time stamp \"" + shown(from, at) + "\", expected a whole number of 64 bits, at " + place(from));
    }

    // ---- scanning ----

    private byte peek() {
        return bytes[at];
    }

    private boolean has(char c) {
        if (at < end && bytes[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c, String after) throws MalformedException {
        if (!has(c)) {
            throw expected("'" + c + "' after the " + after);
        }
    }

    private void skipSpaces() {
        while (at < end && bytes[at] == ' ') {
            at++;
        }
    }

    private MalformedException bad(String key, int from, int to, String expectation) {
        return new MalformedException(
                "field \"" + key + "\" is " + shown(from, to) + ", expected " + expectation + ", at " + place(from));
    }

    private MalformedException expected(String what) {
        String found = at >= end ? "the end of the line" : "'" + shown(at, at + 1) + "'";
        return new MalformedException("found " + found + ", expected " + what + ", at " + place(at));
    }

    private String place(int position) {
        return "byte " + (position - start + 1);
    }

    private String shown(int from, int to) {
        StringBuilder shown = new StringBuilder();
        for (int i = from; i < Math.min(to, from + 40); i++) {
            shown.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '?');
        }
        return to - from > 40 ? shown.append('…').toString() : shown.toString();
    }
}
