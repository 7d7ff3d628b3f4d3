package io.tributary.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what the connection collected into a request, finds its route, and gives it to the threads of that route. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final String BUSY_SECONDS = "2";
    private static final int QUEUED_PROBES_MAX = 64;
    /** Each is a thread and a connection; who serves streams bounds them further. */
    private static final int STREAMS_MAX = 64;
    /**
     * Quick answers in one pass of the event loop over its sockets. What is asked beyond goes to workers, who refuse when it
     * is too much; and a client that sends many requests ahead does not hold the others up.
     */
    private static final int QUICK_MAX = 8;

    private final Router router;
    private final AccessControl accessControl;
    private final HttpMetrics metrics;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor probes;
    private final ThreadPoolExecutor streams;
    /** Event loop only. */
    private int quickAnswers;

    Dispatcher(HttpServerOptions options, Router router, AccessControl accessControl, HttpMetrics metrics) {
        this.accessControl = accessControl;
        this.router = router;
        this.metrics = metrics;
        this.workers = pool("http-worker", options.workers(), options.queuedRequestsMax());
        this.probes = pool("http-probe", 1, QUEUED_PROBES_MAX);
        this.streams = new ThreadPoolExecutor(
                0,
                STREAMS_MAX,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("http-stream", true));
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queued) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                60,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queued),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    int queued() {
        return workers.getQueue().size();
    }

    /**
     * Called on the event loop; what cannot be given to a thread is answered at once.
     *
     * @param address of the client
     * @param loop the event loop
     * @param afterwards called on the event loop when the response is complete
     */
    void dispatch(
            HttpRequest head,
            byte[] body,
            String address,
            Executor loop,
            ResponseSink sink,
            ResponseSink.KeepAliveListener afterwards) {
        String target = head.uri();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        boolean gzip = acceptsGzip(head.headers().get(HttpHeaderNames.ACCEPT_ENCODING));
        Response response = new Response(sink, gzip);
        Router.Match match;
        Request request;
        try {
            match = match(head.method().name(), path);
            Router.Route route = match.route();
            Caller caller = accessControl.check(
                    route.access(),
                    route.method() + " " + route.template(),
                    head.headers().get(HttpHeaderNames.AUTHORIZATION),
                    address);
            request = new Request(
                    head.method().name(),
                    path,
                    match.parameters(),
                    UriText.parameters(question < 0 ? "" : target.substring(question + 1)),
                    head.headers(),
                    body,
                    caller);
        } catch (ProblemException e) {
            Exchange.refuse(e, HttpMetrics.NO_ROUTE, path, response, sink, metrics, afterwards);
            return;
        }
        Exchange exchange = new Exchange(match.route(), request, response, sink, accessControl, metrics, afterwards);
        if (!gzip && mayBeQuick(match.route(), request, loop)) {
            response.holdWhole();
            exchange.run();
            return;
        }
        try {
            switch (match.route().lane()) {
                case WORKERS -> workers.execute(exchange);
                case PROBES -> probes.execute(exchange);
                case STREAMS -> streams.execute(exchange);
            }
        } catch (RejectedExecutionException e) {
            ProblemException busy = new ProblemException(
                            503,
                            "Busy",
                            "all " + workers.getMaximumPoolSize() + " workers are busy and " + queued()
                                    + " requests wait; try again in " + BUSY_SECONDS + " s")
                    .withHeader("Retry-After", BUSY_SECONDS);
            Exchange.refuse(busy, match.route().template(), path, response, sink, metrics, afterwards);
        }
    }

    /** Counts when it says yes. */
    private boolean mayBeQuick(Router.Route route, Request request, Executor loop) {
        if (route.lane() != Router.Lane.WORKERS || quickAnswers == QUICK_MAX || !isQuick(route, request)) {
            return false;
        }
        if (quickAnswers++ == 0) {
            loop.execute(() -> quickAnswers = 0); // comes when all sockets were looked at
        }
        return true;
    }

    private static boolean isQuick(Router.Route route, Request request) {
        try {
            return route.handler().isQuick(request);
        } catch (RuntimeException e) {
            LOG.debug("{} {} is left to a worker", request.method(), request.path(), e);
            return false;
        }
    }

    private Router.Match match(String method, String path) {
        if (method.equals("OPTIONS")) {
            String allowed = path.equals("*") ? "GET, HEAD, OPTIONS" : router.allowed(UriText.segments(path));
            if (!allowed.isEmpty()) {
                HttpHandler answer = (request, response) -> response.status(204).header("Allow", allowed);
                return new Router.Match(
                        new Router.Route(method, "OPTIONS", List.of(), Router.Lane.PROBES, Access.OPEN, answer),
                        Map.of());
            }
        }
        return router.match(method, path, UriText.segments(path));
    }

    /** Reads {@code gzip;q=0.5, deflate}: true when gzip, or anything, is wanted with a weight above 0. */
    static boolean acceptsGzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        for (String part : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] fields = part.trim().split("\\s*;\\s*", -1);
            if (fields[0].equals("gzip") || fields[0].equals("*")) {
                return fields.length == 1 || !fields[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    /** Interrupts whatever still runs. */
    void shutdownNow() {
        workers.shutdownNow();
        probes.shutdownNow();
        streams.shutdownNow();
    }
}
