package io.tributary.model;

/** Patterns over names: {@code *} is any run of characters, {@code ?} any one, everything else itself. */
public final class Wildcards {
    private Wildcards() {}

    /** Linear backtracking over the last {@code *} only: no pattern takes more than name times pattern steps. */
    public static boolean matches(String pattern, String name) {
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
}
