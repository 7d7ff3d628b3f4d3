package io.tributary.http;

import java.io.IOException;

/** Ends the handler of a HEAD request when the head of its response is known; no error. */
final class HeadAnsweredException extends IOException {
    private static final long serialVersionUID = 1L;

    HeadAnsweredException() {
        super("the head of the response is all that was asked for");
    }
}
