package io.tributary.agent.process;

import io.tributary.model.Wildcards;
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
        return Wildcards.matches(pattern, name);
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
