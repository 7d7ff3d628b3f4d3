package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One connection of a link, remade when it breaks; devices of a lane keep their order. One thread sends. */
interface Lane extends AutoCloseable {
    void start();

    /** Blocks while too much is unanswered. */
    void send(long id, List<Row> rows) throws IOException, InterruptedException;

    /** Waits until everything is settled; false when the time is over first. */
    boolean drain(Duration atMost) throws IOException, InterruptedException;

    /** Stops at once; what is not settled is recorded as unsent, or is in doubt. May be called twice. */
    @Override
    void close() throws IOException;
}
