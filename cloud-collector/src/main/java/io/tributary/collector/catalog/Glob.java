package io.tributary.collector.catalog;

import io.tributary.model.Wildcards;

/**
 * A pattern over device or channel names: {@code *} is any run of characters, {@code ?} any one, everything else itself.
 */
public final class Glob {
    public static final Glob ALL = new Glob("*");

    private final String pattern;
    private final String prefix;
    private final boolean isEverything;

    public Glob(String pattern) {
        this.pattern = pattern;
        int wildcard = 0;
        while (wildcard < pattern.length() && pattern.charAt(wildcard) != '*' && pattern.charAt(wildcard) != '?') {
            wildcard++;
        }
        this.prefix = pattern.substring(0, wildcard);
        this.isEverything = pattern.equals("*");
    }

    /** What every match begins with. */
    public String prefix() {
        return prefix;
    }

    /** True when the only match is {@link #prefix()} itself. */
    public boolean isLiteral() {
        return prefix.length() == pattern.length();
    }

    public boolean matches(String name) {
        return isEverything || Wildcards.matches(pattern, name);
    }

    @Override
    public String toString() {
        return pattern;
    }
}
