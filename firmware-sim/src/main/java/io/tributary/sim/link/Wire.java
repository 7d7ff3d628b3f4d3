package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One protocol on a TCP connection. Without state of its own; may be called from any thread. */
interface Wire {
    /** Why the protocol cannot carry this row; null when it can. */
    @Nullable
    String whyUnsendable(Row row);

    /** @param id echoed by the agent where the protocol has replies with IDs */
    Delivery.Encoded encode(long id, List<Row> rows);

    /** Begins to speak on a fresh connection. */
    Session open(InputStream in, OutputStream out);

    /** The state of one connection: one thread writes, another one reads. */
    interface Session {
        /** Writes the rows from {@code fromRow} on, without flushing. Writer thread. */
        void write(Delivery delivery, int fromRow) throws IOException;

        /** Blocks for the next reply; empty when it settled nothing by itself. Reader thread. */
        List<Outcome> read() throws IOException;
    }

    /** What became of rows {@code [fromRow, toRow)} of a delivery. */
    record Outcome(Delivery delivery, int fromRow, int toRow, Kind kind, String message, long retryAfterMillis) {
        enum Kind {
            ACCEPTED,
            REJECTED,
            RETRY
        }
    }
}
