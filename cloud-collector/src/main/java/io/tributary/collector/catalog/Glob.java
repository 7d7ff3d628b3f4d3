package io.tributary.collector.catalog;

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

    /** Linear backtracking over the last {@code *} only: no pattern takes more than name times pattern steps. */
    public boolean matches(String name) {
        if (isEverything) {
            return true;
        }
        int at = 0;
        int star = -1;
        int resume = 0;
        int i = 0;
        while (i < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = i;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == name.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
