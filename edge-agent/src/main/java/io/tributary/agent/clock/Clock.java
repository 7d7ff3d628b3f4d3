package io.tributary.agent.clock;

/** The only source of time below {@code main}. Any thread. */
public interface Clock {
    /** Wall-clock time, ns since the Unix epoch; may jump. */
    long wallNs();

    /** Never goes back, from an arbitrary origin, ns: for time-outs and intervals. */
    long monotonicNs();
}
