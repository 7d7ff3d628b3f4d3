package io.tributary.agent.source;

import java.io.IOException;

/** Takes readings by one protocol and hands them to the {@link Intake}. Made, started and closed by {@code main}. */
public interface Source extends AutoCloseable {
    /** The name the configuration gives it; label of its metrics. */
    String name();

    /**
     * Binds, connects or schedules; returns when readings can come.
     *
     * @throws IOException what is wrong, with address or path; the source is closed then
     */
    void start() throws IOException;

    /** Where it listens, {@code 127.0.0.1:9441}, or what it reads; for the ready line. */
    String endpoint();

    /**
     * Takes nothing new, waits a bounded time for receipts that are still to come so that devices hear them, and ends.
     * May be called twice, and without start.
     */
    @Override
    void close();
}
