package io.tributary.agent.decode;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text with parts out of the message: {@code press-{@.id}}.
 *
 * <pre>
 * {id} {$.gateway.id}   the value at this path, which has no wildcards of its own
 * {1} {2}               what the wildcards took, counted from those of the rows on
 * {path}                what ** took, names and indexes joined by dots
 * {address}             the channel that the source's address template names
 * </pre>
 *
 * Immutable.
 */
public final class JsonText {
    enum Kind {
        LITERAL,
        CAPTURE,
        REST,
        ADDRESS,
        PATH
    }

    /** @param capture from 1 */
    record Part(
            Kind kind,
            String literal,
            int capture,
            @Nullable JsonPath path) {}

    private final String text;
    private final List<Part> parts;

    private JsonText(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    /** @throws IllegalArgumentException which placeholder is wrong, and why */
    public static JsonText parse(String text) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            int close = text.indexOf('}', at);
            if (close >= 0 && (open < 0 || close < open)) {
                throw new IllegalArgumentException("\"" + text + "\" has a } without {");
            }
            if (open != at) {
                parts.add(new Part(Kind.LITERAL, open < 0 ? text.substring(at) : text.substring(at, open), 0, null));
            }
            if (open < 0) {
                break;
            }
            if (close < 0) {
                throw new IllegalArgumentException("\"" + text + "\" has a { without }");
            }
            parts.add(placeholder(text.substring(open + 1, close)));
            at = close + 1;
        }
        return new JsonText(text, parts);
    }

    private static Part placeholder(String name) {
        if (name.equals("path")) {
            return new Part(Kind.REST, "", 0, null);
        } else if (name.equals("address")) {
            return new Part(Kind.ADDRESS, "", 0, null);
        } else if (name.length() == 1 && name.charAt(0) >= '1' && name.charAt(0) <= '9') {
            return new Part(Kind.CAPTURE, "", name.charAt(0) - '0', null);
        }
        JsonPath path;
        try {
            path = JsonPath.parse(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("{" + name + "}: " + e.getMessage());
        }
        if (path.hasWildcards()) {
            throw new IllegalArgumentException("{" + name + "} has a wildcard, expected a path to one value");
        }
        return new Part(Kind.PATH, "", 0, path);
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    List<Part> parts() {
        return parts;
    }

    /** Whether it asks for what only a channel's path has. */
    boolean needsCaptures() {
        return parts.stream().anyMatch(part -> part.kind() == Kind.CAPTURE || part.kind() == Kind.REST);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof JsonText other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
