package io.tributary.sim;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Of the commands that measure another program: which process it is, and how figures are printed. */
final class FiguresMixin {
    /** Twelve digits: counts of readings stay exact. */
    private static final MathContext DIGITS = new MathContext(12);

    @Option(
            names = "--pid",
            defaultValue = "0",
            paramLabel = "PID",
            description = "Of the measured program on this machine: its CPU time, memory and writes are told, too.")
    private long pid;

    @Option(names = "--json", description = "Print the figures as one line of JSON on stdout.")
    private boolean json;

    /** 0 without one. */
    long pid() {
        return pid;
    }

    /** As lines of name and value, or as one JSON object. */
    void print(Map<String, Double> figures, PrintWriter out) {
        if (json) {
            out.println(figures.entrySet().stream()
                    .map(each -> "\"" + each.getKey() + "\":" + text(each.getValue()))
                    .collect(Collectors.joining(",", "{", "}")));
        } else {
            figures.forEach((name, value) -> out.println(name + " " + text(value)));
        }
        out.flush();
    }

    private static String text(double value) {
        return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }
}
