package io.tributary.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes the target of a request apart (RFC 3986), strictly: what is not well-formed is refused, not guessed. */
final class UriText {
    /** Far above what the APIs know; bounds what a hostile request line costs. */
    static final int PARAMETERS_MAX = 200;

    private UriText() {}

    /** Decoded segments of an absolute path, at least one: the root is one empty segment. */
    static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        int from = 1;
        while (true) {
            int slash = rawPath.indexOf('/', from);
            segments.add(decode(slash < 0 ? rawPath.substring(from) : rawPath.substring(from, slash), false, "path"));
            if (slash < 0) {
                return segments;
            }
            from = slash + 1;
        }
    }

    /** Parameters in the order of their first appearance. */
    static Map<String, List<String>> parameters(String rawQuery) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        int count = 0;
        int from = 0;
        while (from < rawQuery.length()) {
            int end = rawQuery.indexOf('&', from);
            end = end < 0 ? rawQuery.length() : end;
            if (end > from) {
                if (++count > PARAMETERS_MAX) {
                    throw ProblemException.badRequest(
                            "the query has more than " + PARAMETERS_MAX + " parameters, expected at most that many");
                }
                String pair = rawQuery.substring(from, end);
                int equal = pair.indexOf('=');
                String name = decode(equal < 0 ? pair : pair.substring(0, equal), true, "query");
                String value = equal < 0 ? "" : decode(pair.substring(equal + 1), true, "query");
                parameters.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value);
            }
            from = end + 1;
        }
        return parameters;
    }

    /** @param plus whether {@code +} stands for a space, as forms write it */
    static String decode(String raw, boolean plus, String place) {
        if (raw.indexOf('%') < 0 && (!plus || raw.indexOf('+') < 0)) {
            return raw;
        }
        byte[] bytes = new byte[raw.length()];
        int size = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                boolean complete = i + 2 < raw.length();
                int high = complete ? Character.digit(raw.charAt(i + 1), 16) : -1;
                int low = complete ? Character.digit(raw.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw ProblemException.badRequest("the " + place + " has " + ProblemException.quoted(raw)
                            + ", expected two hexadecimal digits after every %");
                }
                bytes[size++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[size++] = (byte) (plus && c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, size))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ProblemException.badRequest(
                    "the " + place + " has " + ProblemException.quoted(raw) + ", expected percent-encoded UTF-8");
        }
    }

    /** True when every character may stand in a request target; anything else must be percent-encoded. */
    static boolean isVisibleAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= 0x20 || text.charAt(i) >= 0x7f) {
                return false;
            }
        }
        return true;
    }
}
