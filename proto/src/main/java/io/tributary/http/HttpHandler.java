package io.tributary.http;

import java.io.IOException;

/** Answers the requests of one route, on a worker thread; may block, and is called by several threads at once. */
@FunctionalInterface
public interface HttpHandler {
    /**
     * @throws ProblemException to answer with an error, as long as nothing of the response was sent
     * @throws IOException from writing the response; passed through, not handled
     */
    void handle(Request request, Response response) throws IOException;
}
