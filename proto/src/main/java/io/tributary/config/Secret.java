package io.tributary.config;

/** A string that must not reach a log: password, token. Its {@code toString} hides the value. */
public record Secret(String value) {
    public static Secret parse(String text) {
        return new Secret(text);
    }

    @Override
    public String toString() {
        return "***";
    }
}
