package io.tributary.sim.link;

/** What messages are. Which of them a target takes is said by {@link Transport}. */
public enum Protocol {
    /** Length-prefixed protobuf frames, in row form. */
    FRAMES,
    /** Length-prefixed protobuf frames that each hold a columnar batch, as a gateway sends them. */
    BATCHES,
    /** Line protocol. */
    LINES,
    /** {@code {"device":ID,"time":ns,"values":{...}}}, one document per line. */
    JSON,
    /** RFC 8428 as JSON. */
    SENML_JSON,
    /** RFC 8428 as CBOR. */
    SENML_CBOR,
    /** Sparkplug B 3.0: births with names and aliases, data with aliases. */
    SPARKPLUG
}
