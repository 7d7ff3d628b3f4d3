package io.tributary.http;

import java.io.IOException;

/** The client closed its connection or does not read: nobody is left to answer. Handlers let it pass. */
public final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(String message) {
        super(message);
    }
}
