package io.tributary.agent.source.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceGuard;
import io.tributary.config.Secret;
import io.tributary.http.AccessControl;
import io.tributary.http.HttpHandler;
import io.tributary.http.HttpSecurity;
import io.tributary.http.HttpServer;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import io.tributary.http.Router;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /write}, {@code POST /api/v2/write} (line protocol) and {@code POST /v1/readings}: each request waits on a
 * worker thread until its readings are safe.
 */
final class HttpSource implements Source {
    private final HttpConfig config;
    private final MessageReader reader;
    private final ArrivalStamps arrivals;
    private final HttpSourceMetrics metrics;
    private final Delivery delivery;
    private final SourceGuard guard;
    private final LongSupplier nanoTime;
    private @Nullable HttpServer server;
    private @Nullable String endpoint;

    HttpSource(
            HttpConfig config,
            MessageReader reader,
            ArrivalStamps arrivals,
            Intake intake,
            SourceGuard guard,
            LongSupplier nanoTime,
            HttpSourceMetrics metrics) {
        this.guard = guard;
        this.nanoTime = nanoTime;
        this.config = config;
        this.reader = reader;
        this.arrivals = arrivals;
        this.metrics = metrics;
        this.delivery = new Delivery(config.name(), config.durability(), intake, config.answerTimeout());
    }

    @Override
    public String name() {
        return config.name();
    }

    /** The server's own metrics are those of the agent's other listener; here those of the source count. */
    @Override
    public void start() throws IOException {
        Router router = new Router()
                .route("POST", "/write", counted(this::write))
                .route("POST", "/api/v2/write", counted(this::write))
                .route("POST", "/v1/readings", counted(this::readings))
                .openProbe("/ping", (request, response) -> response.status(204));
        HttpServer made;
        try {
            made = new HttpServer(
                    config.server(),
                    router,
                    HttpSecurity.of(config.tls(), new CountedAccess(access(), config.name(), metrics, guard), nanoTime),
                    new PrometheusRegistry());
            made.start();
        } catch (IOException e) {
            throw new IOException("source " + config.name() + ": " + e.getMessage(), e);
        }
        server = made;
        endpoint = config.listen().withPort(made.address().getPort()).toString();
    }

    private AccessControl access() throws IOException {
        Secret token = config.token();
        Path tokens = config.tokens();
        if (tokens != null) {
            return guard.tokens(tokens);
        }
        return token == null ? AccessControl.OPEN : new SingleToken(token, config.name(), guard);
    }

    @Override
    public String endpoint() {
        return Objects.requireNonNullElse(endpoint, config.listen().toString());
    }

    /** Requests that wait for their fsync are answered within the server's drain time. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    // ---- on workers ----

    private HttpHandler counted(HttpHandler handler) {
        return (request, response) -> {
            int status = 500;
            try {
                handler.handle(request, response);
                status = 204;
            } catch (ProblemException e) {
                status = e.status();
                throw e;
            } finally {
                metrics.requests
                        .labelValues(config.name(), String.valueOf(status))
                        .inc();
            }
        };
    }

    private byte[] body(Request request) {
        byte[] body = Bodies.read(request, config.inflatedBytesMax().intBytes());
        metrics.bytes.labelValues(config.name()).inc(body.length);
        return body;
    }

    private void write(Request request, Response response) {
        request.expectParameters("precision", "db", "rp", "consistency", "u", "p", "org", "orgID", "bucket");
        LineMapping mapping = LineWrite.with(
                config.mapping(), LineWrite.precision(request, config.mapping().precision()));
        LineWrite write = LineWrite.read(body(request), mapping, arrivals);
        inScope(request, write.batch());
        take(write.batch());
        if (write.badLines() > 0) {
            metrics.malformed.labelValues(config.name()).inc(write.badLines());
            delivery.deadLetter("malformed-line", write.detail(), write.bad());
            throw write.problem();
        }
        response.status(204);
    }

    private void readings(Request request, Response response) {
        request.expectParameters();
        byte[] body = body(request);
        MessageReader.Result result = reader.read("", body);
        Batch read = result.batch();
        if (read == null) {
            metrics.malformed.labelValues(config.name()).inc();
            delivery.deadLetter(result.cause(), result.detail(), body);
            throw ProblemException.badRequest(result.detail() + ". Nothing of the body is taken");
        }
        inScope(request, read);
        BatchBuilder stamped = new BatchBuilder();
        stamped.append(read, arrivals.next());
        take(stamped.build());
        response.status(204);
    }

    /** All or nothing: a caller that names a foreign device is wrong about more than one line. */
    private void inScope(Request request, Batch batch) {
        for (Device device : batch.devices()) {
            if (!request.caller().maySee(device.id())) {
                throw new ProblemException(
                        403,
                        "Forbidden",
                        "device " + ProblemException.quoted(device.id()) + " is not among those of "
                                + request.caller().name() + ". Nothing of the body is taken");
            }
        }
    }

    private void take(Batch batch) {
        long readings = batch.readingCount();
        if (readings > 0) {
            delivery.take(batch);
            metrics.readings.labelValues(config.name()).inc(readings);
        }
    }
}
