package io.tributary.sim;

import io.tributary.sim.link.LinkTotals;
import io.tributary.sim.replay.DataFaults;
import java.io.PrintWriter;
import java.util.Locale;
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
        boolean allRefused = readings > 0 && totals.accepted() == 0;
        return drained && !allRefused ? 0 : EXIT_FAILURE;
    }

    void print(PrintWriter out, PrintWriter err, boolean json, @Nullable DataFaults faults) {
        if (json) {
            out.println(json(faults));
        } else {
            out.println(text(faults));
        }
        out.flush();
        if (failure != null) {
            err.println("firmware-sim: gave up: " + failure);
            err.flush();
        }
    }

    private String text(@Nullable DataFaults faults) {
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
        if (faults != null) {
            appendIfAny(line, "malformed cells", faults.cells());
            appendIfAny(line, "malformed rows", faults.rows());
        }
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

    private String json(@Nullable DataFaults faults) {
        return String.format(
                Locale.ROOT,
                "{\"rows\":%d,\"readings\":%d,\"acknowledged\":%d,\"rejected\":%d,\"resent\":%d,\"in_doubt\":%d,"
                        + "\"unsent\":%d,\"unsendable\":%d,\"malformed_cells\":%d,\"malformed_rows\":%d,"
                        + "\"retry_replies\":%d,\"connections\":%d,\"seconds\":%.3f,\"complete\":%b}",
                rows,
                readings,
                totals.accepted(),
                totals.rejected(),
                totals.resent(),
                totals.inDoubt(),
                readings - totals.accepted() - totals.rejected() - totals.inDoubt() - totals.unsendable(),
                totals.unsendable(),
                faults == null ? 0 : faults.cells(),
                faults == null ? 0 : faults.rows(),
                totals.retryReplies(),
                totals.connections(),
                seconds,
                drained && !stopped && failure == null);
    }
}
