package io.tributary.agent.source.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.http.HttpHandler;
import io.tributary.http.HttpServer;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import io.tributary.http.Router;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
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
    private @Nullable HttpServer server;
    private @Nullable String endpoint;

    HttpSource(
            HttpConfig config, MessageReader reader, ArrivalStamps arrivals, Intake intake, HttpSourceMetrics metrics) {
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
                .get("/ping", (request, response) -> response.status(204));
        HttpServer made = new HttpServer(config.server(), router, new PrometheusRegistry());
        try {
            made.start();
        } catch (IOException e) {
            throw new IOException("source " + config.name() + ": " + e.getMessage(), e);
        }
        server = made;
        endpoint = config.listen().withPort(made.address().getPort()).toString();
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
                authorize(request);
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

    private void authorize(Request request) {
        if (config.token() == null) {
            return;
        }
        String given = request.header("Authorization");
        String token = given == null ? "" : given.replaceFirst("^(?i:bearer|token) +", "");
        boolean right = MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), config.token().value().getBytes(StandardCharsets.UTF_8));
        if (!right) {
            throw new ProblemException(
                            401,
                            "Not authorized",
                            given == null
                                    ? "no Authorization header, expected Bearer and a token"
                                    : "the token is not the one that is configured")
                    .withHeader("WWW-Authenticate", "Bearer");
        }
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
        BatchBuilder stamped = new BatchBuilder();
        stamped.append(read, arrivals.next());
        take(stamped.build());
        response.status(204);
    }

    private void take(Batch batch) {
        long readings = batch.readingCount();
        if (readings > 0) {
            delivery.take(batch);
            metrics.readings.labelValues(config.name()).inc(readings);
        }
    }
}
