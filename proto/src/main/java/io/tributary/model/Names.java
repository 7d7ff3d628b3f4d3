package io.tributary.model;

/** The one rule for identifiers that come from outside: 1 to 255 UTF-8 bytes, no control characters. */
public final class Names {
    /** One length byte in a storage key. */
    public static final int MAX_BYTES = 255;

    private Names() {}

    /**
     * @param what the kind of name, for the message
     * @return {@code name}
     * @throws IllegalArgumentException with the value, the expectation and the place
     */
    public static String check(String what, String name) {
        String fault = fault(name);
        if (fault != null) {
            String shown = name.length() <= 64 ? name : name.substring(0, 64) + "…";
            throw new IllegalArgumentException(what + " \"" + shown.replaceAll("\\p{Cntrl}", "?") + "\" " + fault);
        }
        return name;
    }

    private static @org.jspecify.annotations.Nullable String fault(String name) {
        if (name.isEmpty()) {
            return "is empty; expected 1 to 255 bytes of UTF-8";
        }
        int bytes = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < 0x20 || c == 0x7f) {
                return "has control character U+%04X at index %d".formatted((int) c, i);
            }
            if (Character.isHighSurrogate(c) && i + 1 < name.length() && Character.isLowSurrogate(name.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else if (Character.isSurrogate(c)) {
                return "has a lone surrogate at index " + i;
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
            if (bytes > MAX_BYTES) {
                return "is longer than 255 bytes of UTF-8";
            }
        }
        return null;
    }
}
