package io.tributary.sim.link;

import java.io.IOException;

/** The link has given up and takes nothing more. */
public final class LinkFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    public LinkFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
