package io.tributary.sim.replay;

import io.tributary.model.Channel;
import io.tributary.sim.row.Row;
import java.util.Locale;

/** Text of a cell to the value of a channel. */
final class CellParser {
    private CellParser() {}

    /** @throws IllegalArgumentException saying what is expected */
    static void addTo(Row.Builder row, Channel channel, String text) {
        switch (channel.type()) {
            case DOUBLE -> row.add(channel, real(text.strip()));
            case LONG -> row.add(channel, whole(text.strip()));
            case BOOL -> row.add(channel, bool(text.strip()));
            case STRING -> row.add(channel, text);
        }
    }

    /** Decimal only: Java's own reader also takes 1d, 0x1p3 and Infinity. */
    static double real(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                throw new IllegalArgumentException("is not a number");
            }
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                throw new IllegalArgumentException("is too large for a double");
            }
            return value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("is not a number", e);
        }
    }

    private static long whole(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("is not a whole number of 64 bits", e);
        }
    }

    private static boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "yes", "y", "on", "1" -> true;
            case "false", "f", "no", "n", "off", "0" -> false;
            default -> throw new IllegalArgumentException("is neither true nor false");
        };
    }
}
