package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.util.List;

/** Rows that travel together, from the window's point of view. Mutable state is guarded by the lock of its TcpLink. */
final class Delivery {
    enum State {
        QUEUED,
        IN_FLIGHT,
        /** The agent wants it again. */
        RETRY
    }

    private final long id;
    private final List<Row> rows;
    private final Encoded encoded;
    State state = State.QUEUED;
    int attempts;
    /** Rows before this one are settled; only lines are settled one by one. */
    int settledRows;

    Delivery(long id, List<Row> rows, Encoded encoded) {
        this.id = id;
        this.rows = rows;
        this.encoded = encoded;
    }

    long id() {
        return id;
    }

    int rowCount() {
        return rows.size();
    }

    byte[] bytes() {
        return encoded.bytes();
    }

    /** Where the bytes of a row begin. */
    int offset(int row) {
        return row == 0 ? 0 : encoded.rowEnds()[row - 1];
    }

    long readings(int fromRow, int toRow) {
        long count = 0;
        for (Row row : rows.subList(fromRow, toRow)) {
            count += row.size();
        }
        return count;
    }

    /** @param rowEnds where each row ends; empty when rows cannot be told apart */
    record Encoded(byte[] bytes, int[] rowEnds) {}
}
