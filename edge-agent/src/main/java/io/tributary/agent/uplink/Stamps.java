package io.tributary.agent.uplink;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockCorrection;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.clock.ClockStamp;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.process.ReadingCursor;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Column;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Corrects the stamps of batches that were taken while the clock was wrong, when they are sent: what is stored stays as it
 * was. The forwarder's thread.
 *
 * <p>All edge times are the agent's. An event time is the agent's when it equals the edge time, or, where the clock was wrong
 * by more than a minute, when it is close to it: a device with a right clock of its own would be far away then.
 */
final class Stamps {
    /** Corrections are rounded to this, so that those of one boot are equal and raw stamps can be had back exactly. */
    private static final long ROUND_NS = 1_000_000;

    private static final long FAR_NS = 60_000_000_000L;
    private static final long CLOSE_NS = 5_000_000_000L;

    private final @Nullable ClockKeeper keeper;
    private final Clock clock;

    Stamps(@Nullable ClockKeeper keeper, Clock clock) {
        this.keeper = keeper;
        this.clock = clock;
    }

    void compared(ClockOffset offset) {
        if (keeper != null) {
            keeper.compared(offset);
        }
    }

    boolean isRight() {
        return keeper == null || keeper.quality() == ClockKeeper.Quality.RIGHT;
    }

    /** Whether the time of {@link #ageNowNs} is today's. */
    boolean isBelieved() {
        return keeper == null || keeper.knowsTime();
    }

    long ageNowNs() {
        return keeper == null ? clock.wallNs() : keeper.ageNowNs();
    }

    /** Without its stamp, when that turned out to be right: it can go out as any other, and joined with others. */
    OutboxRecord settled(OutboxRecord record) {
        ClockStamp stamp = record.batch().uncertain();
        if (stamp == null || keeper == null) {
            return record;
        }
        ClockCorrection known = keeper.correction(stamp);
        return known != null && isSlight(known)
                ? new OutboxRecord(
                        record.epoch(), record.firstSequence(), record.batch().confirmed())
                : record;
    }

    private static boolean isSlight(ClockCorrection correction) {
        return Math.abs(correction.shiftNs()) <= ClockKeeper.STEP_NS;
    }

    /** Null while the correction is not known. */
    @Nullable
    Stamped correct(OutboxRecord record) throws OutboxException {
        ClockStamp stamp = record.batch().uncertain();
        if (stamp == null || keeper == null) {
            return new Stamped(record, record.batch().bytes(), null);
        }
        ClockCorrection known = keeper.correction(stamp);
        if (known == null) {
            return keeper.isHopeless(stamp)
                    ? new Stamped(record, rewritten(record, 0, Quality.UNCERTAIN_TIME), null)
                    : null;
        }
        if (isSlight(known)) {
            return new Stamped(record, record.batch().bytes(), null); // the clock was right, only nobody knew
        }
        long shift = Math.floorDiv(known.shiftNs() + ROUND_NS / 2, ROUND_NS) * ROUND_NS;
        return new Stamped(
                record, rewritten(record, shift, Quality.GOOD), new ClockCorrection(shift, known.errorNs() + ROUND_NS));
    }

    private static byte[] rewritten(OutboxRecord record, long shiftNs, int quality) throws OutboxException {
        Batch batch;
        try {
            batch = BatchCodec.decode(record.batch().bytes(), BatchLimits.DEFAULT);
        } catch (InvalidBatchException e) {
            throw new OutboxException("batch at sequence " + record.firstSequence() + " cannot be decoded", e);
        }
        List<Table> tables = new ArrayList<>(batch.tables().size());
        for (Table table : batch.tables()) {
            tables.add(rewritten(table, shiftNs, quality));
        }
        return BatchCodec.encode(new Batch(batch.devices(), batch.channels(), tables));
    }

    /** The column with {@link Quality#TIME_CORRECTED} at the values of such rows. */
    private static Column marked(Column column, boolean[] corrected) {
        byte[] codes = new byte[column.size()];
        long[] presence = column.presence();
        int entry = 0;
        for (int row = 0; row < corrected.length && entry < codes.length; row++) {
            if (presence == null || (presence[row >> 6] >>> (row & 63) & 1) != 0) {
                codes[entry] = (byte) (column.qualityAt(entry) | (corrected[row] ? Quality.TIME_CORRECTED : 0));
                entry++;
            }
        }
        return ReadingCursor.withQualities(column, codes);
    }

    private static Table rewritten(Table table, long shiftNs, int quality) {
        long[] events = Arrays.copyOf(table.eventTimes(), table.rows());
        long[] edges = Arrays.copyOf(table.edgeTimes(), table.rows());
        boolean[] corrected = new boolean[table.rows()];
        boolean any = false;
        for (int row = 0; row < table.rows(); row++) {
            long apart = Math.abs(events[row] - edges[row]);
            if (apart == 0 || (Math.abs(shiftNs) > FAR_NS && apart < CLOSE_NS)) {
                events[row] += shiftNs;
                corrected[row] = shiftNs != 0;
                any |= shiftNs != 0;
            }
            edges[row] += shiftNs;
        }
        Column[] columns = table.columns();
        if (quality != Quality.GOOD) {
            columns = new Column[columns.length];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = ReadingCursor.withQuality(table.columns()[i], quality);
            }
        } else if (any) {
            columns = new Column[columns.length];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = marked(table.columns()[i], corrected);
            }
        }
        return new Table(table.rows(), table.runDevice(), table.runLength(), events, edges, table.channels(), columns);
    }
}
