package io.tributary.collector.http;

import io.tributary.collector.query.QueryException;
import io.tributary.http.HttpHandler;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;

/** A handler that asks the query engine: its refusals become problems. */
interface QueryHandler extends HttpHandler {
    void answer(Request request, Response response) throws IOException;

    @Override
    default void handle(Request request, Response response) throws IOException {
        try {
            answer(request, response);
        } catch (QueryException e) {
            throw switch (e.kind()) {
                case INVALID -> ProblemException.badRequest(String.valueOf(e.getMessage()));
                case TOO_LARGE -> new ProblemException(422, "Query too large", String.valueOf(e.getMessage()));
                case CANCELLED -> new ProblemException(503, "Cancelled", String.valueOf(e.getMessage()));
            };
        }
    }
}
