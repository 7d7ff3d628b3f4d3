package io.tributary.deploy;

import java.util.Arrays;
import java.util.List;

/**
 * A line chart of a few text rows. Every value takes one column; a missing one (NaN) stays empty.
 *
 * <pre>
 *   98.4 |      ▂▅█▇
 *        |  ▄▆█▇████▆▂
 *   12.1 |▇███████████
 * </pre>
 */
final class TextChart {

    private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";
    private static final int LABEL_WIDTH = 8;

    private TextChart() {}

    static String render(List<Double> values, int height, String indent) {
        double[] present = values.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .toArray();
        if (present.length == 0) {
            return indent + "(no values)\n";
        }
        double low = Arrays.stream(present).min().getAsDouble();
        double high = Arrays.stream(present).max().getAsDouble();
        StringBuilder text = new StringBuilder();
        for (int line = height - 1; line >= 0; line--) {
            String label = line == height - 1 ? number(high) : line == 0 ? number(low) : "";
            text.append(indent)
                    .append(" ".repeat(LABEL_WIDTH - label.length()))
                    .append(label)
                    .append(" |");
            for (double value : values) {
                text.append(cell(value, low, high, line, height));
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** How much of this line's cell the value's bar fills; the lowest value still shows one eighth. */
    private static char cell(double value, double low, double high, int line, int height) {
        if (!Double.isFinite(value)) {
            return ' ';
        }
        double share = high > low ? (value - low) / (high - low) : 1;
        int eighths = 1 + (int) Math.round(share * (height * 8 - 1));
        return EIGHTHS.charAt(Math.max(0, Math.min(8, eighths - line * 8)));
    }

    private static String number(double value) {
        return String.format("%.1f", value);
    }
}
