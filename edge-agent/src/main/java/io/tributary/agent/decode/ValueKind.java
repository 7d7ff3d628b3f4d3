package io.tributary.agent.decode;

/** What a value is to become, in configurations. */
public enum ValueKind {
    /**
     * Numbers become doubles, so that 20 and 20.5 are of one channel; true and false become bools, any other text a
     * string.
     */
    AUTO,
    DOUBLE,
    LONG,
    BOOL,
    STRING
}
