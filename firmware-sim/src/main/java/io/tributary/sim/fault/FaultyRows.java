package io.tributary.sim.fault;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A fleet's rows with faults. What is held back waits in a ring of one slot per step and comes out at the end of its
 * step; for the reference fleet this is the order in which other databases were given it.
 */
public final class FaultyRows implements RowStream {
    private static final int DUPLICATE_STEPS_MAX = 6;
    /** Apart from the signals' numbers, so that faults do not change values. */
    private static final long SEED_MASK = 0x5DEECE66DL;

    private static final long ORDER_SEED_MASK = 0x2545F4914F6CDD1DL;

    private final RowStream rows;
    private final int rowsPerStep;
    private final FaultRates rates;
    private final SplittableRandom random;
    private final SplittableRandom orderRandom;
    private final List<Queue<Row>> ring = new ArrayList<>();
    private final Map<String, Row> heldBack = new HashMap<>();
    private final Queue<Row> ready = new ArrayDeque<>();
    private long taken;
    private boolean ended;
    private long late;
    private long duplicates;
    private long outOfOrder;

    private FaultyRows(RowStream rows, int rowsPerStep, FaultRates rates, long seed) {
        this.rows = rows;
        this.rowsPerStep = rowsPerStep;
        this.rates = rates;
        this.random = new SplittableRandom(seed ^ SEED_MASK);
        this.orderRandom = new SplittableRandom(seed ^ ORDER_SEED_MASK);
        int slots = Math.max(rates.lateStepsMax(), DUPLICATE_STEPS_MAX) + 1;
        for (int i = 0; i < slots; i++) {
            ring.add(new ArrayDeque<>());
        }
    }

    /** @param rowsPerStep how many rows of {@code rows} belong to one step */
    public static FaultyRows of(RowStream rows, int rowsPerStep, FaultRates rates, long seed) {
        return new FaultyRows(rows, rowsPerStep, rates, seed);
    }

    @Override
    public @Nullable Row next() throws IOException {
        while (ready.isEmpty() && !ended) {
            Row row = rows.next();
            if (row == null) {
                end();
            } else {
                take(row);
            }
        }
        return ready.poll();
    }

    private void take(Row row) {
        long step = taken / rowsPerStep;
        if (rates.late() > 0 && random.nextDouble() < rates.late()) {
            late++;
            slot(step + 1 + random.nextInt(rates.lateStepsMax())).add(row);
        } else {
            if (rates.duplicate() > 0 && random.nextDouble() < rates.duplicate()) {
                duplicates++;
                slot(step + 1 + random.nextInt(DUPLICATE_STEPS_MAX)).add(row);
            }
            send(row);
        }
        taken++;
        if (taken % rowsPerStep == 0) {
            emit(slot(step));
        }
    }

    private void send(Row row) {
        Row before = heldBack.remove(row.device().id());
        if (before == null && rates.outOfOrder() > 0 && orderRandom.nextDouble() < rates.outOfOrder()) {
            outOfOrder++;
            heldBack.put(row.device().id(), row);
            return;
        }
        ready.add(row);
        if (before != null) {
            ready.add(before);
        }
    }

    private Queue<Row> slot(long step) {
        return ring.get((int) (step % ring.size()));
    }

    private void emit(Queue<Row> slot) {
        ready.addAll(slot);
        slot.clear();
    }

    private void end() {
        ended = true;
        ready.addAll(heldBack.values());
        heldBack.clear();
        long step = taken / rowsPerStep;
        for (int i = 0; i < ring.size(); i++) {
            emit(slot(step + i));
        }
    }

    /** Rows held back so far. */
    public long late() {
        return late;
    }

    /** Rows sent twice so far. */
    public long duplicates() {
        return duplicates;
    }

    /** Rows sent after the one behind them so far. */
    public long outOfOrder() {
        return outOfOrder;
    }

    @Override
    public double fraction() {
        return rows.fraction();
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
