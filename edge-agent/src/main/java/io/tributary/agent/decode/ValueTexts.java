package io.tributary.agent.decode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Texts to values, under limits, with one wording of what is wrong. */
final class ValueTexts {
    /** Longest number that is looked at: 17 digits make a double, more are padding. */
    private static final int NUMBER_CHARACTERS_MAX = 64;
    /** One text value, as the model's limits have it. */
    static final int STRING_BYTES_MAX = 64 << 10;

    private static final double EXACT_WHOLE_MAX = 1L << 53;

    private ValueTexts() {}

    /** Digits with sign, point and exponent; no hexadecimal, no NaN, no infinity. */
    static boolean isNumber(String text) {
        boolean digits = false;
        if (text.isEmpty() || text.length() > NUMBER_CHARACTERS_MAX) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            digits |= c >= '0' && c <= '9';
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                return false;
            }
        }
        if (!digits) {
            return false;
        }
        try {
            return Double.isFinite(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return false; // 1.2.3
        }
    }

    static double number(String text) throws MalformedException {
        if (!isNumber(text)) {
            throw new MalformedException("\"" + shown(text) + "\", expected a number within the range of doubles");
        }
        return Double.parseDouble(text);
    }

    /** Also {@code 21.0} and {@code 1e3}, which some encoders write for whole numbers. */
    static long whole(String text) throws MalformedException {
        try {
            if (text.length() <= 20) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            double value = isNumber(text) ? Double.parseDouble(text) : Double.NaN;
            if (Math.abs(value) <= EXACT_WHOLE_MAX && value == Math.rint(value)) {
                return (long) value;
            }
        }
        throw new MalformedException("\"" + shown(text) + "\", expected a whole number of 64 bits");
    }

    static boolean bool(String text) throws MalformedException {
        switch (text.length() > 5 ? "" : text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "on", "yes", "1" -> {
                return true;
            }
            case "false", "f", "off", "no", "0" -> {
                return false;
            }
            default ->
                throw new MalformedException(
                        "\"" + shown(text) + "\", expected true or false, on or off, yes or no, 1 or 0");
        }
    }

    /** @throws MalformedException when it is longer than one value may be */
    static String string(String text) throws MalformedException {
        int length = text.length();
        if (length > STRING_BYTES_MAX
                || (length > STRING_BYTES_MAX / 3 && text.getBytes(StandardCharsets.UTF_8).length > STRING_BYTES_MAX)) {
            throw new MalformedException(
                    "a text of " + length + " characters, expected at most " + STRING_BYTES_MAX + " bytes");
        }
        return text;
    }

    static String utf8(byte[] bytes) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("text is not UTF-8");
        }
    }

    static String shown(String text) {
        String clean = text.length() <= 40 ? text : text.substring(0, 40) + "…";
        return clean.replaceAll("\\p{Cntrl}", "?");
    }
}
