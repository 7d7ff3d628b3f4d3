package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Waiting;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.collector.subscribe.StreamLimits;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.Router;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams, bookmarks and erasures over HTTP, on a real store. */
@SuppressWarnings("NullAway.Init")
final class LifecycleApiTest {
    private static final long T0 = 1_700_000_000_000_000_000L;
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(0, T0);

    @TempDir
    Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private TimeSeriesEngine engine;
    private Subscriptions subscriptions;
    private HttpServer server;
    private long sequence;

    @BeforeEach
    void start() throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        engine = TimeSeriesEngine.open(directory, EngineOptions.DEFAULT, CLOCK, registry);
        subscriptions = new Subscriptions(
                engine.log(),
                engine.states("bookmark"),
                new StreamLimits(2, 10, Duration.ofMillis(100), ByteSize.parse("1KiB")),
                CLOCK,
                System::nanoTime,
                registry);
        subscriptions.start();
        LifecycleApi api = new LifecycleApi(
                engine.erasures(), subscriptions, CLOCK, () -> null, () -> Map.of("000007.sst", "torn"));
        server = new HttpServer(HttpServerOptions.on(new HostPort("127.0.0.1", 0)), api.addTo(new Router()), registry);
        server.start();
    }

    @AfterEach
    void close() {
        subscriptions.close();
        server.close();
        engine.close();
    }

    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private void append(String device, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (sequence + i) * 1_000_000_000L;
            builder.row(Device.of(device), event, event).set("t", (double) (sequence + i));
        }
        Batch batch = builder.build();
        Waiting done = new Waiting();
        engine.writer()
                .append(
                        new Append(
                                new Origin("agent", 1),
                                sequence,
                                batch.readingCount(),
                                batch,
                                null,
                                BatchCodec.encode(batch),
                                List.of()),
                        done);
        sequence += batch.readingCount();
        done.join();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return client.send(
                request(path)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    /** Reads events until that many readings have come; keeps the last ID. */
    private final class Listener implements AutoCloseable {
        private final BufferedReader lines;
        private final List<String> values = new ArrayList<>();
        private String lastId = "";
        private boolean heartbeat;

        Listener(String path, String... headers) throws IOException, InterruptedException {
            HttpRequest.Builder request = request(path);
            if (headers.length > 0) {
                request.headers(headers);
            }
            HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        Listener take(int readings) throws IOException {
            while (values.size() < readings || !lastLineEndsEvent) {
                line();
            }
            return this;
        }

        private boolean lastLineEndsEvent;

        private void line() throws IOException {
            String line = lines.readLine();
            assertThat(line).isNotNull();
            heartbeat |= line.startsWith(":");
            if (line.startsWith("id: ")) {
                lastId = line.substring(4);
            }
            if (line.startsWith("data: ")) {
                for (String part : line.split("\"value\":")) {
                    if (!part.startsWith("data")) {
                        values.add(part.substring(0, part.indexOf(',')));
                    }
                }
            }
            lastLineEndsEvent = line.isEmpty();
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    @Test
    void stream_givesReadingsInOrder_andGoesOnFromAnId() throws Exception {
        append("a", 30); // several events of 1 KiB
        append("b", 1);
        String id;
        try (Listener listener = new Listener("/api/v1/stream?device=a&from=oldest")) {
            assertThat(listener.take(30).values)
                    .hasSize(30)
                    .startsWith("0.0", "1.0")
                    .endsWith("29.0");
            append("a", 2);
            assertThat(listener.take(32).values).endsWith("31.0", "32.0");
            id = listener.lastId;
        }
        append("a", 1);
        try (Listener again = new Listener("/api/v1/stream?device=a", "Last-Event-ID", id)) {
            assertThat(again.take(1).values).containsExactly("33.0");
            assertThat(again.heartbeat).isTrue();
        }
    }

    @Test
    void bookmark_isCommittedByItsClient() throws Exception {
        try (Listener listener = new Listener("/api/v1/stream?bookmark=mine")) {
            append("a", 1);
            append("a", 1);
            listener.take(2);
            assertThat(send("GET", "/api/v1/bookmarks").body()).contains("\"name\":\"mine\"", "\"lag_records\":2");
            assertThat(send("PUT", "/api/v1/bookmarks/mine?position=" + listener.lastId)
                            .body())
                    .contains("\"lag_records\":0");
            assertThat(send("GET", "/api/v1/stream?bookmark=mine").statusCode()).isEqualTo(409);
        }
        assertThat(send("DELETE", "/api/v1/bookmarks/mine").statusCode()).isEqualTo(204);
        assertThat(send("GET", "/api/v1/bookmarks/mine").statusCode()).isEqualTo(404);
        assertThat(send("PUT", "/api/v1/bookmarks/mine?position=nonsense").statusCode())
                .isEqualTo(400);
    }

    @Test
    void erasure_isOrderedAndFollowed_patternsOnlyWhenConfirmed() throws Exception {
        append("a", 3);
        append("b", 2);
        engine.flush();
        assertThat(send("DELETE", "/api/v1/readings").statusCode()).isEqualTo(400);
        assertThat(send("DELETE", "/api/v1/readings?device=*").body()).contains("patterns=true");
        HttpResponse<String> erased = send("DELETE", "/api/v1/readings?device=a&channel=t");
        assertThat(erased.statusCode()).isEqualTo(200);
        assertThat(erased.body()).contains("\"id\":1,\"device\":\"a\"", "\"readings\":3,\"chunks\":1");
        assertThat(engine.reader().latest("a", null)).isEmpty();
        assertThat(send("DELETE", "/api/v1/readings?device=*&patterns=true").body())
                .contains("\"id\":2", "\"readings\":2");
        assertThat(send("GET", "/api/v1/erasures?after=1").body())
                .contains("\"id\":2")
                .doesNotContain("\"id\":1,");
        assertThat(send("GET", "/api/v1/erasures/1").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/api/v1/erasures/7").statusCode()).isEqualTo(404);
    }

    @Test
    void readyzDetails_namesDamagedFiles() throws Exception {
        assertThat(send("GET", "/readyz-details").body())
                .isEqualTo("{\"ready\":true,\"damaged_files\":{\"000007.sst\":\"torn\"}}\n");
    }
}
