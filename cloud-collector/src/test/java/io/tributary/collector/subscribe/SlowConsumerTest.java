package io.tributary.collector.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.http.LifecycleApi;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Waiting;
import io.tributary.collector.rpc.LoopbackRpc;
import io.tributary.collector.rpc.RpcServer;
import io.tributary.collector.rpc.StreamService;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.Router;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.proto.v1.ReadingBlock;
import io.tributary.proto.v1.StreamGrpc;
import io.tributary.proto.v1.SubscribeEvent;
import io.tributary.proto.v1.SubscribeRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Consumers that read nothing while ingest goes on, until the log has dropped what they did not read: ingest does not wait
 * for them, nothing is held for them, and they are told exactly what they missed.
 */
@SuppressWarnings("NullAway.Init")
final class SlowConsumerTest {
    private static final long T0 = 1_700_000_000_000_000_000L;
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(0, T0);
    private static final int ROWS = 1000;
    /** The log of 2 MiB holds some two hundred records of noise; sockets and buffers hold what some tens are as events. */
    private static final int RECORDS_MAX = 4000;

    @TempDir
    Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final Random random = new Random(11);
    private TimeSeriesEngine engine;
    private Subscriptions subscriptions;
    private long records;

    @BeforeEach
    void open() throws IOException {
        EngineOptions options = new EngineOptions(
                2,
                Duration.ofDays(1),
                4 << 20,
                Duration.ofSeconds(60),
                256 << 10,
                1 << 20,
                Duration.ofDays(1),
                1 << 20,
                2 << 20,
                1 << 20,
                1 << 20,
                64 << 10,
                1,
                8);
        engine = TimeSeriesEngine.open(directory, options, CLOCK, registry);
        subscriptions = new Subscriptions(
                engine.log(),
                engine.states("bookmark"),
                new StreamLimits(2, 3, Duration.ofSeconds(1), ByteSize.parse("64KiB")),
                CLOCK,
                nanos::get,
                registry);
        subscriptions.start();
    }

    @AfterEach
    void close() {
        subscriptions.close();
        engine.close();
    }

    /** One record of the log: values whose whole part is the number of the reading. Returns when it is durable. */
    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private void append() {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < ROWS; i++) {
            long number = records * ROWS + i;
            builder.row(Device.of("d"), T0 + number * 1_000_000L, T0).set("t", number + random.nextDouble());
        }
        Batch batch = builder.build();
        Waiting done = new Waiting();
        Append append = new Append(
                new Origin("agent", 1), records * ROWS, ROWS, batch, null, BatchCodec.encode(batch), List.of());
        assertThat(engine.writer().append(append, done)).isTrue();
        done.join();
        records++;
    }

    /** Goes on until the log has dropped records that a consumer, who reads nothing, was not given. */
    private void appendUntilDropped() {
        long margin = 5;
        while (engine.log().oldest().number() <= given() / ROWS + margin) {
            append();
            assertThat(records)
                    .as("a consumer that reads nothing was given %s readings", given())
                    .isLessThan(RECORDS_MAX);
        }
    }

    private long given() {
        return (long) counter("tributary_collector_stream_readings");
    }

    private double counter(String name) {
        for (MetricSnapshot snapshot : registry.scrape(name::equals)) {
            return ((CounterSnapshot) snapshot).getDataPoints().get(0).getValue();
        }
        throw new AssertionError("no metric " + name);
    }

    /** What a consumer is given, checked as it comes: the readings in order, and the gaps exactly where some are left out. */
    private static final class Checked {
        private long next;
        private long missed;
        private int gaps;

        void reading(double value) {
            assertThat((long) value).isEqualTo(next);
            next++;
        }

        void missed(long count) {
            gaps++;
            missed += count;
            next += count * ROWS;
        }
    }

    @Test
    void subscription_isToldExactlyWhatItMissed_andItsBookmarkStaysRight() throws Exception {
        StreamRequest request = new StreamRequest(Glob.ALL, List.of(), null, "slow", true, Long.MIN_VALUE);
        Checked checked = new Checked();
        ReadingSink sink = sink(checked);
        try (Subscription slow = subscriptions.open(request)) {
            for (int i = 0; i < 3; i++) {
                append();
                slow.poll(sink);
            }
            heartbeats(slow, sink);
            assertThat(subscriptions.bookmark("slow").position().number()).isEqualTo(3);

            appendUntilDropped();
            assertThat(given()).isEqualTo(3L * ROWS); // pulled, never pushed
            assertThat(checked.gaps).isZero();
            assertThat(subscriptions.bookmark("slow").position().number()).isEqualTo(3);
            assertThat(subscriptions.behind(subscriptions.bookmark("slow"))).isEqualTo(records - 3);

            drain(slow, sink);
            assertThat(checked.missed).isPositive();
            assertThat(checked.next).isEqualTo(records * ROWS);
            assertThat(given() / ROWS + checked.missed).isEqualTo(records);
            assertThat(counter("tributary_collector_stream_missed_records")).isEqualTo(checked.missed);
        }

        // It went before a heartbeat: the bookmark is where it was, and the gap is told again.
        Checked again = new Checked();
        again.next = 3L * ROWS;
        try (Subscription slow = subscriptions.open(request)) {
            drain(slow, sink(again));
            assertThat(again.missed).isPositive();
            assertThat(again.next).isEqualTo(records * ROWS);
            heartbeats(slow, sink);
        }
        assertThat(subscriptions.bookmark("slow").position())
                .isEqualTo(engine.log().newest());
        assertThat(subscriptions.behind(subscriptions.bookmark("slow"))).isZero();
    }

    private static ReadingSink sink(Checked checked) {
        return new ReadingSink() {
            @Override
            public void reading(
                    String device,
                    Channel channel,
                    long eventTimeNs,
                    long edgeTimeNs,
                    long collectorTimeNs,
                    Column values,
                    int index) {
                checked.reading(values.doubles()[index]);
            }

            @Override
            public void missed(long count) {
                checked.missed(count);
            }

            @Override
            public void position(LogPosition position) {}
        };
    }

    private void drain(Subscription subscription, ReadingSink sink) throws Exception {
        while (!subscription.position().equals(engine.log().newest())) {
            subscription.poll(sink);
        }
    }

    /** Two of them: what was given before the first is committed with the second. */
    private void heartbeats(Subscription subscription, ReadingSink sink) throws Exception {
        for (int i = 0; i < 2; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(subscription.poll(sink)).isFalse();
        }
    }

    @Test
    void httpClient_thatReadsNothing_isToldOfTheGap() throws Exception {
        LifecycleApi api = new LifecycleApi(engine.erasures(), subscriptions, CLOCK, () -> null, Map::of);
        try (HttpServer server =
                new HttpServer(HttpServerOptions.on(new HostPort("127.0.0.1", 0)), api.addTo(new Router()), registry)) {
            server.start();
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            append();
            HttpResponse<java.io.InputStream> response = client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + server.address().getPort() + "/api/v1/stream?from=oldest"))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            appendUntilDropped(); // the client takes what its buffers hold, and nothing more

            Checked checked = new Checked();
            Pattern value = Pattern.compile("\"value\":([-+0-9.E]+)");
            Pattern gap = Pattern.compile("\"missed_records\":([0-9]+)");
            try (BufferedReader events =
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                while (checked.next < records * ROWS) {
                    String line = events.readLine();
                    assertThat(line).isNotNull();
                    Matcher missed = gap.matcher(line);
                    if (missed.find()) {
                        checked.missed(Long.parseLong(missed.group(1)));
                    }
                    for (Matcher each = value.matcher(line); each.find(); ) {
                        checked.reading(Double.parseDouble(each.group(1)));
                    }
                }
            }
            finish(checked);
            subscriptions.close();
        }
    }

    @Test
    void grpcClient_thatReadsNothing_isToldOfTheGap() throws Exception {
        StreamService streams = new StreamService(subscriptions, engine.erasures(), null);
        RpcServer server = LoopbackRpc.of(streams.service(), registry);
        server.start(1 << 20);
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        try {
            append();
            OneByOne events = new OneByOne();
            StreamGrpc.newStub(channel)
                    .subscribe(
                            SubscribeRequest.newBuilder()
                                    .setFromNs(Long.MIN_VALUE)
                                    .build(),
                            events);
            events.next(); // a heartbeat: it is connected
            appendUntilDropped();

            Checked checked = new Checked();
            while (checked.next < records * ROWS) {
                SubscribeEvent event = events.next();
                if (event.getMissedRecords() > 0) {
                    checked.missed(event.getMissedRecords());
                }
                for (ReadingBlock block : event.getBlocksList()) {
                    block.getDoublesList().forEach(checked::reading);
                }
            }
            finish(checked);
        } finally {
            subscriptions.close();
            channel.shutdownNow();
            channel.awaitTermination(10, TimeUnit.SECONDS);
            server.close(100);
            streams.close();
        }
    }

    private void finish(Checked checked) {
        assertThat(checked.gaps).isPositive();
        assertThat(checked.next).isEqualTo(records * ROWS);
        assertThat(given() / ROWS + checked.missed).isEqualTo(records);
        assertThat(counter("tributary_collector_stream_missed_records")).isEqualTo(checked.missed);
        append(); // ingest goes on as before
    }

    /** Asks for the next event only when the test wants it. */
    private static final class OneByOne implements ClientResponseObserver<SubscribeRequest, SubscribeEvent> {
        private final BlockingQueue<SubscribeEvent> one = new ArrayBlockingQueue<>(2);
        private final CompletableFuture<ClientCallStreamObserver<SubscribeRequest>> call = new CompletableFuture<>();
        private final List<Throwable> failures = new ArrayList<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
            stream.disableAutoRequestWithInitial(0);
            call.complete(stream);
        }

        SubscribeEvent next() throws InterruptedException {
            call.join().request(1);
            SubscribeEvent event = one.poll(60, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no event: " + failures);
            }
            return event;
        }

        @Override
        public void onNext(SubscribeEvent event) {
            one.add(event);
        }

        @Override
        public void onError(Throwable cause) {
            failures.add(cause);
        }

        @Override
        public void onCompleted() {}
    }
}
