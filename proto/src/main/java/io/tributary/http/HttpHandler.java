package io.tributary.http;

import java.io.IOException;

/**
 * Answers the requests of one route, on a worker thread; may block, and is called by several threads at once. What it calls
 * quick it may have to answer on the event loop.
 */
@FunctionalInterface
public interface HttpHandler {
    /**
     * @throws ProblemException to answer with an error, as long as nothing of the response was sent
     * @throws IOException from writing the response; passed through, not handled
     */
    void handle(Request request, Response response) throws IOException;

    /**
     * Whether this request will be answered from memory within some hundred microseconds, by a body of some hundred KiB at
     * most. The event loop then answers it where it was read, as handing it to a worker and its answer back would take as
     * long. Called on the event loop; must not block. What is wrong with a request is for {@link #handle} to say.
     */
    default boolean isQuick(Request request) {
        return false;
    }
}
