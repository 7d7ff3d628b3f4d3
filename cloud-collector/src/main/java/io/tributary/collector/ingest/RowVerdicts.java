package io.tributary.collector.ingest;

import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchRows;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which rows of a decoded batch may not be stored, and why. A batch in which all may, which is nearly every one, costs
 * one pass over its event times and one lookup per device run.
 */
final class RowVerdicts {
    /**
     * The earliest event time: the year 1823. Nothing was measured by a clock before that, and bucket arithmetic near
     * the smallest long would overflow.
     */
    private static final long EARLIEST_NS = Long.MIN_VALUE / 2;

    private static final int KEPT = 0;
    /** Verdict n is cause n - 1. */
    private static final String[] CAUSES = {
        Causes.FUTURE_EVENT_TIME,
        Causes.FUTURE_AGENT_CLOCK,
        Causes.IMPOSSIBLE_EVENT_TIME,
        Causes.TOO_MANY_DEVICES,
        Causes.TOO_MANY_CHANNELS,
        Causes.FORBIDDEN_DEVICE
    };

    /** Per table one verdict per row; empty when all rows are kept. */
    private final byte[][] verdicts;
    /** What is wrong with the first row of each cause; empty when there is none. */
    private final String[] details = new String[CAUSES.length];

    private boolean any;

    /** @param rowSequences per table the sequence of each row's first reading */
    record Kept(Batch batch, long[][] rowSequences) {}

    private RowVerdicts(int tables) {
        this.verdicts = new byte[tables][0];
        Arrays.fill(details, "");
    }

    static RowVerdicts of(Batch batch, long nowNs, long futureToleranceNs, SeriesLimits series) {
        List<Table> tables = batch.tables();
        RowVerdicts result = new RowVerdicts(tables.size());
        for (int i = 0; i < tables.size(); i++) {
            result.checkTimes(i, tables.get(i), nowNs, nowNs + futureToleranceNs);
            result.checkSeries(i, batch, series);
        }
        return result;
    }

    boolean anyRejected() {
        return any;
    }

    private void checkTimes(int index, Table table, long nowNs, long latestNs) {
        long[] events = table.eventTimes();
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int row = 0; row < table.rows(); row++) {
            min = Math.min(min, events[row]);
            max = Math.max(max, events[row]);
        }
        if (min >= EARLIEST_NS && max <= latestNs) {
            return;
        }
        for (int row = 0; row < table.rows(); row++) {
            if (events[row] < EARLIEST_NS) {
                reject(
                        index,
                        table,
                        row,
                        Causes.IMPOSSIBLE_EVENT_TIME,
                        "event time " + events[row] + " ns, expected a stamped time after the year 1823");
            } else if (events[row] > latestNs) {
                boolean agentToo = table.edgeTimes()[row] > latestNs;
                reject(
                        index,
                        table,
                        row,
                        agentToo ? Causes.FUTURE_AGENT_CLOCK : Causes.FUTURE_EVENT_TIME,
                        "event time " + utc(events[row]) + " arrived at " + utc(nowNs) + ", expected at most "
                                + (latestNs - nowNs) / 1_000_000_000 + " s ahead"
                                + (agentToo
                                        ? "; the agent's clock is ahead, too: " + utc(table.edgeTimes()[row])
                                        : ""));
            }
        }
    }

    private void checkSeries(int index, Batch batch, SeriesLimits series) {
        Table table = batch.tables().get(index);
        SeriesLimits.Verdict[] runs = series.check(batch, table);
        int row = 0;
        for (int run = 0; run < runs.length; run++) {
            int end = row + table.runLength()[run];
            if (runs[run] != SeriesLimits.Verdict.WITHIN) {
                SeriesLimits.Verdict verdict = runs[run];
                String detail =
                        "device " + batch.devices().get(table.runDevice()[run]).id() + " " + verdict.detail();
                for (; row < end; row++) {
                    reject(index, table, row, verdict.cause(), detail);
                }
            }
            row = end;
        }
    }

    /** The first cause found stays. */
    private void reject(int index, Table table, int row, String cause, String detail) {
        byte[] rows = verdicts[index];
        if (rows.length == 0) {
            rows = new byte[table.rows()];
            verdicts[index] = rows;
        }
        if (rows[row] != KEPT) {
            return;
        }
        any = true;
        int which = Arrays.asList(CAUSES).indexOf(cause);
        rows[row] = (byte) (which + 1);
        if (details[which].isEmpty()) {
            details[which] = detail;
        }
    }

    /** One entry per cause met, with the rows encoded as a batch of their own so that they can be driven again. */
    List<RejectedRows> rejected(SequenceRange range, Batch batch) {
        List<RejectedRows> all = new ArrayList<>();
        for (int cause = 0; cause < CAUSES.length; cause++) {
            String detail = details[cause];
            if (detail.isEmpty()) {
                continue;
            }
            int verdict = cause + 1;
            Batch rows = BatchRows.select(batch, (table, row) -> verdict(table, row) == verdict);
            all.add(new RejectedRows(range, rows.readingCount(), CAUSES[cause], detail, BatchCodec.encode(rows)));
        }
        return all;
    }

    Kept kept(Batch batch, long firstSequence) {
        Batch rows = BatchRows.select(batch, (table, row) -> verdict(table, row) == KEPT);
        List<long[]> sequences = new ArrayList<>();
        long first = firstSequence;
        for (int i = 0; i < batch.tables().size(); i++) {
            Table table = batch.tables().get(i);
            long[] kept = sequencesKept(i, table, first);
            if (kept.length > 0) {
                sequences.add(kept);
            }
            first += table.readingCount();
        }
        return new Kept(rows, sequences.toArray(long[][]::new));
    }

    private long[] sequencesKept(int index, Table table, long first) {
        long[] all = BatchRows.rowSequences(table, first);
        int kept = 0;
        for (int row = 0; row < table.rows(); row++) {
            if (verdict(index, row) == KEPT) {
                all[kept++] = all[row];
            }
        }
        return Arrays.copyOf(all, kept);
    }

    private int verdict(int table, int row) {
        byte[] rows = verdicts[table];
        return rows.length == 0 ? KEPT : rows[row];
    }

    private static String utc(long ns) {
        return Instant.ofEpochSecond(Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L))
                .toString();
    }
}
