package io.tributary.http;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request and its response on their way through a worker. */
final class Exchange implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Router.Route route;
    private final Request request;
    private final Response response;
    private final ResponseSink sink;
    private final AccessControl accessControl;
    private final HttpMetrics metrics;
    private final ResponseSink.KeepAliveListener afterwards;
    private final long arrivedNanos;

    /** @param afterwards called on the event loop when the response is complete; not called when it was cut off */
    Exchange(
            Router.Route route,
            Request request,
            Response response,
            ResponseSink sink,
            AccessControl accessControl,
            HttpMetrics metrics,
            ResponseSink.KeepAliveListener afterwards) {
        this.accessControl = accessControl;
        this.route = route;
        this.request = request;
        this.response = response;
        this.sink = sink;
        this.metrics = metrics;
        this.afterwards = afterwards;
        this.arrivedNanos = System.nanoTime();
    }

    /** Answers without a handler, on the event loop: the previous response is out, so nothing blocks. */
    static void refuse(
            ProblemException problem,
            String route,
            String path,
            Response response,
            ResponseSink sink,
            HttpMetrics metrics,
            ResponseSink.KeepAliveListener afterwards) {
        metrics.answered(route, problem.status(), 0);
        try {
            response.fail(problem, path);
            sink.whenSent(afterwards);
        } catch (IOException e) {
            LOG.debug("{} could not be refused", path, e);
            sink.abort();
        }
    }

    @Override
    public void run() {
        boolean complete = false;
        try {
            complete = answer();
        } catch (ClientGoneException e) {
            LOG.debug("{} {} was not answered to its end: {}", request.method(), request.path(), e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} {} was cut off", request.method(), request.path(), e);
        } finally {
            metrics.answered(route.template(), response.status(), System.nanoTime() - arrivedNanos);
            if (complete) {
                sink.whenSent(afterwards);
            } else {
                sink.abort();
            }
        }
    }

    /** @return whether the response was sent whole */
    private boolean answer() throws IOException {
        try {
            if (sink.isGone()) {
                return false;
            }
            route.handler().handle(request, response);
            response.finish();
            return true;
        } catch (HeadAnsweredException e) {
            return true;
        } catch (ProblemException e) {
            if (response.isCommitted()) {
                LOG.warn("{} {} was cut off: {}", request.method(), request.path(), e.getMessage());
                return false;
            }
            if (e.status() == 403) {
                accessControl.forbidden(request.caller(), route.method() + " " + route.template());
            }
            response.fail(e, request.path());
            return true;
        } catch (RuntimeException | Error e) {
            LOG.error("{} {} failed", request.method(), request.path(), e);
            if (response.isCommitted()) {
                return false;
            }
            response.fail(
                    new ProblemException(500, "Internal error", "this is a fault of the server; its log says more"),
                    request.path());
            return true;
        }
    }
}
