package io.tributary.collector.security;

/** What a token may do; each includes those before it. */
public enum Role {
    /** Ask. */
    READ,
    /** Bring readings. */
    WRITE,
    /** Erase, command, configure. */
    ADMIN;

    public boolean includes(Role wanted) {
        return ordinal() >= wanted.ordinal();
    }
}
