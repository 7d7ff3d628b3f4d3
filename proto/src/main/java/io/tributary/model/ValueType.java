package io.tributary.model;

/** The type of every value of a channel. */
public enum ValueType {
    /** IEEE 754 binary64, bit for bit: -0.0, NaN payloads and infinities survive. */
    DOUBLE,
    /** Signed 64-bit integer. */
    LONG,
    BOOL,
    /** UTF-8 text. */
    STRING
}
