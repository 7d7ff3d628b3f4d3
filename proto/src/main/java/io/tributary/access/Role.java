package io.tributary.access;

import java.util.Locale;

/** What a token may do; each includes those before it. */
public enum Role {
    /** Ask. */
    READ,
    /** Bring readings. */
    WRITE,
    /** Erase, command, configure. */
    ADMIN;

    /** @throws IllegalArgumentException none of ours */
    public static Role parse(String text) {
        for (Role role : values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(text)) {
                return role;
            }
        }
        throw new IllegalArgumentException("role is \"" + text + "\", expected read, write or admin");
    }

    public boolean includes(Role wanted) {
        return ordinal() >= wanted.ordinal();
    }
}
