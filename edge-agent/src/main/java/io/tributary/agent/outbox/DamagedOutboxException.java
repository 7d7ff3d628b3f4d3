package io.tributary.agent.outbox;

import java.io.IOException;

/** The directory holds an outbox, but not a whole one: what is readable has to be salvaged. */
final class DamagedOutboxException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedOutboxException(String message, Throwable cause) {
        super(message, cause);
    }

    DamagedOutboxException(String message) {
        super(message);
    }
}
