package io.tributary.collector.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.agents.Account;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.agents.AgentStatus;
import io.tributary.collector.agents.AgentSummary;
import io.tributary.collector.agents.ClockShift;
import io.tributary.collector.agents.DrainEstimate;
import io.tributary.collector.agents.EpochGaps;
import io.tributary.collector.agents.EpochSummary;
import io.tributary.collector.agents.GapReport;
import io.tributary.collector.commands.CommandOptions;
import io.tributary.collector.commands.Downlink;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.query.EpochNanos;
import io.tributary.collector.query.MemoryReadings;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.storage.DeadLetter;
import io.tributary.collector.storage.DeadLetterReader;
import io.tributary.collector.storage.StateStore;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.http.HttpSecurity;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.Router;
import io.tributary.model.Channel;
import io.tributary.model.SequenceRange;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The API behind a real HTTP server, over stores in memory, at 2026-01-01T00:00:00Z. */
final class ApiFixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Channel TEMPERATURE = new Channel("temperature", ValueType.DOUBLE, "°C");
    static final Channel COUNT = new Channel("count", ValueType.LONG, "");
    static final Channel STATE = new Channel("state", ValueType.STRING, "");
    static final Channel ON = new Channel("on", ValueType.BOOL, "");

    final MemoryReadings readings = new MemoryReadings(3_600_000_000_000L, true);
    final AtomicReference<@Nullable String> notReady = new AtomicReference<>();
    final PrometheusRegistry registry = new PrometheusRegistry();
    final Downlink downlink = new Downlink(
            new CommandOptions(
                    10, new ByteSize(1 << 20), new ByteSize(64 << 10), Duration.ofDays(7), 10, new ByteSize(1 << 18)),
            new Kept(),
            new Kept(),
            (who, action, details) -> {},
            () -> NOW,
            registry);
    private final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ApiFixture() {
        this(QueryLimits.DEFAULT);
    }

    ApiFixture(QueryLimits limits) {
        this(limits, HttpSecurity.NONE);
    }

    ApiFixture(HttpSecurity security) {
        this(QueryLimits.DEFAULT, security);
    }

    private ApiFixture(QueryLimits limits, HttpSecurity security) {
        CollectorApi api = new CollectorApi(
                new QueryEngine(readings, readings, limits, System::nanoTime, registry),
                readings,
                new Agents(),
                new Letters(),
                () -> NOW,
                notReady::get,
                registry);
        Router router = new CommandsApi(downlink, new Agents(), request -> "tester").addTo(api.addTo(new Router()));
        server = new HttpServer(HttpServerOptions.on(new HostPort("127.0.0.1", 0)), router, security, registry);
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long ns(String time) {
        return EpochNanos.of(Instant.parse(time));
    }

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, "", headers);
    }

    /** @param headers names and values in turns */
    HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Forgets nothing, keeps nothing. */
    private static final class Kept implements StateStore {
        @Override
        public void forEach(BiConsumer<String, byte[]> each) {}

        @Override
        public void put(String name, byte[] value) {}

        @Override
        public void putSynced(String name, byte[] value) {}

        @Override
        public void remove(String name) {}
    }

    String body(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    @Override
    public void close() {
        server.close();
    }

    private static final class Agents implements AgentReader {
        private final Account account =
                new Account(100, 90, 80, 3, 1, 6, 0, Map.of("future-event-time", 6L), Map.of("full", 4L), 2);

        @Override
        public List<AgentSummary> agents() {
            return List.of(summary());
        }

        private AgentSummary summary() {
            long seen = ns("2025-12-31T23:59:50Z");
            return new AgentSummary(
                    "edge-1",
                    true,
                    "10.0.0.7:51234",
                    "0.1.0",
                    List.of("zstd"),
                    List.of(new EpochSummary(3, 100, seen - 60_000_000_000L, seen, "0.1.0")),
                    seen - 60_000_000_000L,
                    seen,
                    seen - 1_000_000_000L,
                    new AgentStatus(
                            seen,
                            100,
                            6,
                            512,
                            0,
                            seen - 5_500_000_000L,
                            true,
                            -1_500_000,
                            200_000,
                            4096,
                            Map.of("full", 1L),
                            seen,
                            null),
                    new DrainEstimate(-2.5, Double.POSITIVE_INFINITY),
                    account,
                    List.of(new ClockShift(3, new SequenceRange(0, 10), 3_600_000_000_000L, 1_500_000, seen)));
        }

        @Override
        public @Nullable AgentSummary agent(String id) {
            return id.equals("edge-1") ? summary() : null;
        }

        @Override
        public @Nullable GapReport gaps(String id) {
            EpochGaps epoch = new EpochGaps(
                    3,
                    true,
                    100,
                    94,
                    List.of(new SequenceRange(0, 90)),
                    List.of(new EpochGaps.EvictedRange(new SequenceRange(90, 4), "full")),
                    List.of(new SequenceRange(94, 6)),
                    List.of(),
                    account);
            return id.equals("edge-1") ? new GapReport("edge-1", List.of(epoch), -1, account) : null;
        }
    }

    private static final class Letters implements DeadLetterReader {
        private final TreeMap<Long, DeadLetter> letters = new TreeMap<>();

        Letters() {
            letters.put(
                    4L,
                    new DeadLetter(
                            4,
                            ns("2026-01-01T00:00:00Z"),
                            "damaged-chunk",
                            "no \"zstd\" frame",
                            null,
                            null,
                            0,
                            new byte[] {1, 2, 3}));
            letters.put(
                    9L,
                    new DeadLetter(
                            9,
                            ns("2026-01-01T00:00:00.5Z"),
                            "future-event-time",
                            "too far",
                            new Origin("e", 2),
                            new SequenceRange(7, 3),
                            3,
                            new byte[] {}));
        }

        @Override
        public List<DeadLetter> list(@Nullable String cause, int limit, long after) {
            return letters.tailMap(after, false).values().stream()
                    .filter(letter -> cause == null || letter.cause().equals(cause))
                    .limit(limit)
                    .toList();
        }

        @Override
        public @Nullable DeadLetter get(long id) {
            return letters.get(id);
        }

        @Override
        public Map<String, Long> countByCause() {
            return new TreeMap<>(Map.of("damaged-chunk", 1L, "future-event-time", 1L));
        }

        @Override
        public boolean remove(long id) {
            return letters.remove(id) != null;
        }
    }
}
