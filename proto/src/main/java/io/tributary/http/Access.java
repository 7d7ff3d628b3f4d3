package io.tributary.http;

/** What a route asks of its caller. */
public enum Access {
    /** Nothing: health. */
    OPEN,
    READ,
    WRITE,
    ADMIN
}
