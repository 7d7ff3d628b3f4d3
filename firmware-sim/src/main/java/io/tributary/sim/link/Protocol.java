package io.tributary.sim.link;

/** What is spoken on the TCP connection. */
public enum Protocol {
    /** Length-prefixed protobuf frames, in row form. */
    FRAMES,
    /** Length-prefixed protobuf frames that each hold a columnar batch, as a gateway sends them. */
    BATCHES,
    /** Line protocol, answered by {@code OK n} and {@code ERR n reason}. */
    LINES
}
