package io.tributary.sim;

import io.tributary.sim.link.Link;
import io.tributary.sim.link.LinkTotals;
import io.tributary.sim.row.RowStream;
import java.util.Locale;
import java.util.function.Supplier;

/** How far a run is. Asked by the progress thread only. */
final class ProgressLine implements Supplier<String> {
    private final Environment environment;
    private final RowStream rows;
    private final Link link;
    private final SendRun run;
    private long lastNanos;
    private long lastAccepted;

    ProgressLine(Environment environment, RowStream rows, Link link, SendRun run) {
        this.environment = environment;
        this.rows = rows;
        this.link = link;
        this.run = run;
        this.lastNanos = environment.nanoTime().getAsLong();
    }

    @Override
    public String get() {
        LinkTotals totals = link.totals();
        long now = environment.nanoTime().getAsLong();
        double seconds = Math.max(1e-9, (now - lastNanos) / 1e9);
        long rate = Math.round((totals.accepted() - lastAccepted) / seconds);
        lastNanos = now;
        lastAccepted = totals.accepted();
        return String.format(
                Locale.ROOT,
                "%3.0f%%  rows %s  readings %s  acknowledged %s  %s/s  rejected %s  resent %s",
                100 * rows.fraction(),
                Progress.count(run.rowCount()),
                Progress.count(run.readingCount()),
                Progress.count(totals.accepted()),
                Progress.count(rate),
                Progress.count(totals.rejected()),
                Progress.count(totals.resent()));
    }
}
