package io.tributary.agent.decode;

import io.tributary.model.ValueType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Parses InfluxDB line protocol as its authors' own decoder does, one line at a time.
 *
 * <pre>
 * weather,site=north,device=w7 temperature=20.5,humidity=61i,ok=true,note="dry" 1700000000000000000
 * measurement tags             fields                                            time stamp
 * </pre>
 *
 * Backslashes escape commas, spaces and (in keys and tag values) equal signs; in quoted texts quotes and backslashes, and
 * they make line breaks and tabs of n, r and t; before anything else they stand for themselves. A quoted text may go over
 * several lines. Not thread-safe.
 */
public final class LineProtocol {
    private static final String QUOTED_ESCAPES = "\"\\nrt";

    private final Line line = new Line();
    private byte[] bytes = new byte[0];
    private int at;
    private int start;
    /** Of the line, without its break; moves on when a quoted text goes on in the next one. */
    private int end;
    /** Where the next line begins. */
    private int following;

    private int limit;
    private int lineNumber;
    private int breaks;

    /** Starts over with any number of lines. */
    public void begin(byte[] source, int from, int to) {
        bytes = source;
        limit = to;
        following = from;
        lineNumber = 0;
        breaks = 1;
    }

    /**
     * @return the next line, overwritten by the call after; empty lines and comments are skipped; null at the end
     * @throws MalformedException what was found where, counted in bytes of the line from 1; the next call goes on behind
     *     that line
     */
    public @Nullable Line next() throws MalformedException {
        while (following < limit) {
            lineNumber += breaks;
            breaks = 0;
            at = following;
            start = at;
            toLineBreak(at);
            skipSpaces();
            if (at < end && peek() == '#') {
                skipComment();
            } else if (at < end) {
                fill();
                return line;
            }
        }
        return null;
    }

    /**
     * @param from of the line in {@code source}
     * @param to exclusive, without the line break
     * @return the line, overwritten by the next call; null for an empty line or a comment
     * @throws MalformedException what was found where, counted in bytes from 1
     */
    public @Nullable Line parse(byte[] source, int from, int to) throws MalformedException {
        begin(source, from, to);
        Line parsed = next();
        if (parsed != null && following < limit) {
            throw new MalformedException("found a line break, expected one line, at " + place(following - 1));
        }
        return parsed;
    }

    /** Of the line that {@link #next} returned or refused, from 1. */
    public int lineNumber() {
        return lineNumber;
    }

    private void toLineBreak(int from) {
        int feed = from;
        while (feed < limit && bytes[feed] != '\n') {
            feed++;
        }
        breaks++;
        following = feed < limit ? feed + 1 : limit;
        end = feed > from && bytes[feed - 1] == '\r' ? feed - 1 : feed;
    }

    /** Bytes that no text has say that this is something else; the authors' decoder refuses them here, too. */
    private void skipComment() throws MalformedException {
        while (at < end) {
            if (isControl(peek()) && peek() != '\t') {
                throw expected("a comment without control characters");
            }
            at++;
        }
    }

    private static boolean isControl(byte b) {
        return (b >= 0 && b < ' ') || b == 0x7f;
    }

    private void fill() throws MalformedException {
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
            if (isControl(b)) {
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
                    source[size++] = escapes.equals(QUOTED_ESCAPES) ? meant(bytes[i]) : bytes[i];
                } else {
                    source[size++] = bytes[i];
                }
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

    private static byte meant(byte escaped) {
        return switch (escaped) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escaped;
        };
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
        while (true) {
            while (at < end) {
                byte b = peek();
                if (b == '\\' && at + 1 < end) {
                    escaped = true;
                    at += 2;
                } else if (b == '"') {
                    return text(from, at++, escaped ? QUOTED_ESCAPES : null);
                } else {
                    at++;
                }
            }
            if (following >= limit) {
                throw expected("a closing quote");
            }
            at = following;
            toLineBreak(at);
        }
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
            long time = at - from <= 20 && text.charAt(0) != '+' ? Long.parseLong(text) : Line.NO_TIME;
            if (time != Line.NO_TIME) {
                return time;
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
