package io.tributary.sim;

import io.tributary.sim.ledger.LedgerWriter;
import io.tributary.sim.link.DeliveryLog;
import io.tributary.sim.link.Link;
import io.tributary.sim.link.LinkFailedException;
import io.tributary.sim.link.LinkOptions;
import io.tributary.sim.link.LinkTotals;
import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Sends a stream of rows from its first to its last, or until the end is requested, and tells what came of it. */
final class SendRun {
    /** Waiting for less costs more than it evens out. */
    private static final long SHORTEST_WAIT_NANOS = 1_000_000;

    private static final Duration DRAIN_SLICE = Duration.ofMillis(250);
    private static final int DRAIN_SLICES_AFTER_STOP = 8;

    private final Environment environment;
    private final PrintWriter err;
    private final LinkMixin settings;
    private final Pacer pacer;
    private final long limitRows;
    /** Written by the working thread, read by the progress line. */
    private volatile long rowCount;

    private volatile long readingCount;
    private @Nullable String failure;

    /** @param limitRows how many rows at most */
    SendRun(Environment environment, PrintWriter err, LinkMixin settings, Pacer pacer, long limitRows) {
        this.environment = environment;
        this.err = err;
        this.settings = settings;
        this.pacer = pacer;
        this.limitRows = limitRows;
    }

    /** @param seed of the link's random waits */
    SendSummary run(RowStream rows, long seed) throws IOException, InterruptedException {
        long start = environment.nanoTime().getAsLong();
        Path file = settings.ledger();
        LinkTotals totals;
        boolean drained;
        if (file == null) {
            Sent sent = send(rows, DeliveryLog.NONE, seed);
            totals = sent.totals;
            drained = sent.drained;
        } else {
            try (LedgerWriter ledger = LedgerWriter.open(file)) {
                Sent sent = send(rows, ledger, seed);
                totals = sent.totals;
                drained = sent.drained;
            }
        }
        double seconds = (environment.nanoTime().getAsLong() - start) / 1e9;
        return new SendSummary(
                rowCount,
                readingCount,
                totals,
                seconds,
                drained,
                environment.stop().isRequested(),
                failure);
    }

    private Sent send(RowStream rows, DeliveryLog log, long seed) throws IOException, InterruptedException {
        LinkOptions options = settings.options();
        Link link = new Link(options, log, environment.nanoTime(), seed);
        boolean drained = false;
        try (Progress progress =
                Progress.start(err, settings.quiet(), new ProgressLine(environment, rows, link, this))) {
            environment.stop().breakOffWith(() -> breakOff(link));
            link.start();
            feed(rows, link);
            drained = drain(link);
        } catch (LinkFailedException e) {
            // When the end is requested, the link is closed under the working thread's feet.
            failure = environment.stop().isRequested() ? null : e.getMessage();
        } finally {
            link.close();
            environment.stop().breakOffWith(null);
        }
        return new Sent(link.totals(), drained);
    }

    private static void breakOff(Link link) {
        try {
            link.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void feed(RowStream rows, Link link) throws IOException, InterruptedException {
        long sentRows = 0;
        long sentReadings = 0;
        for (Row row = sentRows < limitRows ? rows.next() : null;
                row != null && !environment.stop().isRequested();
                row = sentRows < limitRows ? rows.next() : null) {
            long wait = pacer.waitNanos(row);
            if (wait > SHORTEST_WAIT_NANOS) {
                link.flush();
                if (environment.stop().await(wait)) {
                    return;
                }
            }
            link.add(row);
            rowCount = ++sentRows;
            sentReadings += row.size();
            readingCount = sentReadings;
        }
    }

    /** Until everything is answered; when the end is requested only for a moment. */
    private boolean drain(Link link) throws IOException, InterruptedException {
        int slices = 0;
        while (!link.drain(DRAIN_SLICE)) {
            if (environment.stop().isRequested() && ++slices >= DRAIN_SLICES_AFTER_STOP) {
                return false;
            }
        }
        return true;
    }

    long rowCount() {
        return rowCount;
    }

    long readingCount() {
        return readingCount;
    }

    private record Sent(LinkTotals totals, boolean drained) {}
}
