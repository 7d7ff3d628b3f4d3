package io.tributary.sim;

import io.tributary.sim.link.LinkTotals;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param drained whether everything that was read is settled
 * @param stopped whether the end was requested before
 * @param failure why the link gave up
 */
record SendSummary(
        long rows,
        long readings,
        LinkTotals totals,
        double seconds,
        boolean drained,
        boolean stopped,
        @Nullable String failure) {
    private static final int EXIT_FAILURE = 1;
    private static final int EXIT_STOPPED = 130;

    int exitCode() {
        if (failure != null) {
            return EXIT_FAILURE;
        } else if (stopped) {
            return EXIT_STOPPED;
        }
        boolean allRefused = readings > 0 && totals.accepted() == 0 && totals.inDoubt() == 0;
        return drained && !allRefused ? 0 : EXIT_FAILURE;
    }

    /** @param extras further figures, shown when they are not zero; always part of the JSON */
    void print(PrintWriter out, PrintWriter err, boolean json, Map<String, Long> extras) {
        if (json) {
            out.println(json(extras));
        } else {
            out.println(text(extras));
        }
        out.flush();
        if (failure != null) {
            err.println("firmware-sim: gave up: " + failure);
            err.flush();
        }
    }

    private String text(Map<String, Long> extras) {
        StringBuilder line = new StringBuilder();
        append(line, "rows", rows);
        append(line, "readings", readings);
        append(line, "acknowledged", totals.accepted());
        append(line, "rejected", totals.rejected());
        append(line, "resent", totals.resent());
        appendIfAny(line, "in doubt", totals.inDoubt());
        appendIfAny(
                line,
                "unsent",
                readings - totals.accepted() - totals.rejected() - totals.inDoubt() - totals.unsendable());
        appendIfAny(line, "unsendable", totals.unsendable());
        extras.forEach((name, value) -> appendIfAny(line, name, value));
        long rate = seconds > 0 ? Math.round(totals.accepted() / seconds) : 0;
        return line.append(String.format(Locale.ROOT, "in %.1f s (%s/s)", seconds, Progress.count(rate)))
                .toString();
    }

    private static void append(StringBuilder line, String name, long value) {
        line.append(name).append(' ').append(Progress.count(value)).append("  ");
    }

    private static void appendIfAny(StringBuilder line, String name, long value) {
        if (value != 0) {
            append(line, name, value);
        }
    }

    private String json(Map<String, Long> extras) {
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put("rows", rows);
        figures.put("readings", readings);
        figures.put("acknowledged", totals.accepted());
        figures.put("rejected", totals.rejected());
        figures.put("resent", totals.resent());
        figures.put("in_doubt", totals.inDoubt());
        figures.put("unsent", unsent());
        figures.put("unsendable", totals.unsendable());
        figures.put("retry_replies", totals.retryReplies());
        figures.put("connections", totals.connections());
        extras.forEach((name, value) -> figures.put(name.replace(' ', '_'), value));
        StringBuilder json = new StringBuilder("{");
        figures.forEach((name, value) ->
                json.append('"').append(name).append("\":").append(value).append(','));
        return json.append(String.format(
                        Locale.ROOT,
                        "\"seconds\":%.3f,\"complete\":%b}",
                        seconds,
                        drained && !stopped && failure == null))
                .toString();
    }

    /** Of batches that were not handed over, too. */
    private long unsent() {
        return readings - totals.accepted() - totals.rejected() - totals.inDoubt() - totals.unsendable();
    }
}
