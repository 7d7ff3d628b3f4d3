package io.tributary.deploy;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Figures as they are found: a line each, or all of them as one JSON array at the end. */
final class Figures {
    private static final int DIGITS = 4;

    private final PrintStream out;
    private final boolean json;
    private final List<String> objects = new ArrayList<>();

    Figures(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void add(String name, double value, String unit) {
        String text = text(value);
        if (json) {
            objects.add("{\"name\":\"" + name + "\",\"value\":" + text + ",\"unit\":\"" + unit + "\"}");
        } else {
            out.println(name + " " + text + " " + unit);
        }
    }

    void end() {
        if (json) {
            out.println("[" + String.join(",\n", objects) + "]");
        }
    }

    /** Counts in full, everything else with four digits. */
    static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        } else if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "0";
        }
        return new BigDecimal(value)
                .round(new MathContext(DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }
}
