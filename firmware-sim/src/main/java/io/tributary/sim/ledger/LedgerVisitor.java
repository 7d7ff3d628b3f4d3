package io.tributary.sim.ledger;

import io.tributary.sim.row.Row;
import java.io.IOException;

/** Told the rows of a ledger in the order in which the agent answered. */
public interface LedgerVisitor {
    /** What is known of a row. */
    enum Fate {
        ACCEPTED,
        REJECTED,
        /** Sent, but the answer is not known: stored or not. */
        IN_DOUBT
    }

    void row(Row row, Fate fate) throws IOException;
}
