package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.IOException;
import java.util.List;

/**
 * Told what is about to be sent and what became of it; the ledger is one. Called from several threads at once, for one
 * delivery always {@code sending} before its first byte is on the wire and {@code settled} after. A delivery of which
 * not every row was settled is in doubt: it may be stored or not.
 */
public interface DeliveryLog {
    /** What became of rows. */
    enum Result {
        ACCEPTED,
        /** Refused for good; nothing of it is stored. */
        REJECTED,
        /** Never on the wire. */
        UNSENT
    }

    /** Keeps nothing. */
    DeliveryLog NONE = new DeliveryLog() {
        @Override
        public void sending(long id, List<Row> rows) {
            // Nobody asked for a ledger.
        }

        @Override
        public void settled(long id, int fromRow, int toRow, Result result) {
            // Nobody asked for a ledger.
        }
    };

    /**
     * On return this is known to whoever reads the log, even when the program is killed.
     *
     * @param id unique in this run
     */
    void sending(long id, List<Row> rows) throws IOException;

    /** Rows {@code [fromRow, toRow)} of the delivery; each row is settled at most once. */
    void settled(long id, int fromRow, int toRow, Result result) throws IOException;
}
