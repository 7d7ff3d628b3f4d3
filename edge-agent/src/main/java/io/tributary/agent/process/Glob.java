package io.tributary.agent.process;

import org.jspecify.annotations.Nullable;

/** A pattern over names: {@code *} is any text, {@code ?} any one character. Linear in the name, immutable. */
public final class Glob {
    private static final int CHARACTERS_MAX = 255;

    private final String pattern;

    private Glob(String pattern) {
        this.pattern = pattern;
    }

    /** @throws IllegalArgumentException when it is empty or longer than any name */
    public static Glob parse(String pattern) {
        if (pattern.isEmpty() || pattern.length() > CHARACTERS_MAX) {
            throw new IllegalArgumentException(
                    "expected a pattern of 1 to " + CHARACTERS_MAX + " characters, for example temp* or *");
        }
        return new Glob(pattern);
    }

    public boolean matches(String name) {
        int at = 0;
        int star = -1;
        int resume = 0;
        int p = 0;
        while (at < name.length()) {
            char c = p < pattern.length() ? pattern.charAt(p) : 0;
            if (p < pattern.length() && c == '*') {
                star = p++;
                resume = at;
            } else if (p < pattern.length() && (c == '?' || c == name.charAt(at))) {
                p++;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Glob other && pattern.equals(other.pattern);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
