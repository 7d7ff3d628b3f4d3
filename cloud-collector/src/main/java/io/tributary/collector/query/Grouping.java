package io.tributary.collector.query;

import org.jspecify.annotations.Nullable;

/**
 * Which series are aggregated together. Channels of different names or units never are.
 *
 * @param kind by what
 * @param tag its name when {@code kind} is {@link Kind#TAG}, else empty
 */
public record Grouping(Kind kind, String tag) {
    public static final Grouping DEVICE = new Grouping(Kind.DEVICE, "");
    public static final Grouping NONE = new Grouping(Kind.NONE, "");

    /** By what. */
    public enum Kind {
        DEVICE,
        TAG,
        NONE
    }

    /** Reads what {@link #word()} writes; null for anything else. */
    public static @Nullable Grouping of(String word) {
        if (word.equals("device")) {
            return DEVICE;
        }
        if (word.equals("none")) {
            return NONE;
        }
        return word.startsWith("tag:") && word.length() > 4 ? byTag(word.substring(4)) : null;
    }

    public static Grouping byTag(String tag) {
        return new Grouping(Kind.TAG, tag);
    }

    /** {@code device}, {@code none}, {@code tag:site}: as the API writes it. */
    public String word() {
        return switch (kind) {
            case DEVICE -> "device";
            case NONE -> "none";
            case TAG -> "tag:" + tag;
        };
    }
}
