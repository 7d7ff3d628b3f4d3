package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.outbox.EncodedBatch;
import io.tributary.agent.outbox.FlakyOutbox;
import io.tributary.agent.outbox.Outboxes;
import io.tributary.config.HostPort;
import io.tributary.process.Backoff;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.Lane;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForwarderTest {
    private static ForwarderOptions options(Duration drain) {
        return new ForwarderOptions(
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofMillis(200),
                Duration.ofMillis(200),
                Duration.ofMillis(20),
                drain,
                null);
    }

    private final FlakyOutbox outbox = new FlakyOutbox(1, 0);
    private @Nullable Forwarder forwarder;
    private @Nullable GrpcUplink uplink;

    @AfterEach
    void closeAll() {
        if (forwarder != null) {
            forwarder.close();
        }
        if (uplink != null) {
            uplink.close();
        }
    }

    private Forwarder start(HostPort target) {
        return start(target, Duration.ZERO);
    }

    private Forwarder start(HostPort target, Duration drain) {
        SystemClock clock = new SystemClock();
        GrpcUplink grpc = new GrpcUplink(target, clock);
        uplink = grpc;
        Forwarder made = new Forwarder(
                "a",
                "test",
                outbox,
                grpc,
                options(drain),
                null,
                clock,
                new SplittableRandom(1),
                Map::of,
                null,
                () -> 0,
                null,
                new PrometheusRegistry());
        forwarder = made;
        made.start();
        return made;
    }

    private void append(int batches) throws Exception {
        for (int i = 0; i < batches; i++) {
            outbox.append(List.of(Outboxes.batch(1 + i % 5, i)), List.of(), true);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everythingArrives_throughACollectorThatMisbehaves(long seed) throws Exception {
        try (FakeCollector collector = new FakeCollector(seed, 0.03, 4_000)) {
            append(100);
            Forwarder running = start(collector.start());
            long total = 300;
            for (int i = 0; i < 200; i++) {
                append(1);
                total += 1;
                running.wake();
            }
            long expected = outbox.stats().nextSequence();
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> collector.readings() == expected && outbox.readings() == 0);
            assertThat(total).isGreaterThan(0);
            assertThat(collector.inFlightMax).isLessThanOrEqualTo(4_000);
        }
    }

    @Test
    void nothingIsFreed_withoutAcknowledgement() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            collector.mute = true;
            append(50);
            start(collector.start());
            await().atMost(20, TimeUnit.SECONDS).until(() -> collector.sessions() >= 3); // no progress: reconnected
            assertThat(outbox.stats().queuedBatches()).isEqualTo(50);
        }
    }

    @Test
    void losses_areToldAndForgotten() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            append(5);
            outbox.evictOldest();
            outbox.evictOldest();
            start(collector.start());
            await().until(() -> outbox.losses(10).isEmpty() && outbox.readings() == 0);
            assertThat(collector.losses()).hasSize(2);
        }
    }

    @Test
    void backlogAndLive_goInTheirLanes() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            append(10);
            Forwarder running = start(collector.start());
            await().until(() -> collector.readings() == 30);
            append(5);
            running.wake();
            await().until(() -> collector.readings() == 45);
            // What waits together goes as one.
            assertThat(collector.order).hasSizeBetween(2, 6);
            assertThat(collector.order.get(0).getLane()).isEqualTo(Lane.BACKLOG);
            assertThat(collector.order.get(0).getReadingCount()).isEqualTo(30);
            assertThat(collector.order.subList(1, collector.order.size()))
                    .allMatch(each -> each.getLane() == Lane.LIVE);
            assertThat(collector.order).extracting(Delivery::getFirstSequence).isSorted();
        }
    }

    @Test
    void status_tellsTheBacklogAndTheClock() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            collector.mute = true;
            append(10);
            start(collector.start());
            await().until(() -> collector.statuses().stream()
                    .anyMatch(each -> each.getQueuedReadings() == 30 && each.getClockOffsetNs() > 4_000_000_000L));
        }
    }

    @Test
    void close_drainsFirst() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            append(500);
            Forwarder running = start(collector.start(), Duration.ofSeconds(20));
            running.close();
            running.close();
            assertThat(outbox.readings()).isZero();
            assertThat(collector.readings()).isEqualTo(1500);
        }
    }

    @Test
    void collectorThatIsNotThere_isTriedAgain() throws Exception {
        int port;
        try (var free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        append(3);
        Forwarder running = start(new HostPort("127.0.0.1", port));
        assertThat(running.isConnected()).isFalse();
        assertThat(outbox.readings()).isEqualTo(6);
    }

    /** An hour that does not begin for some hours. */
    private static UploadOptions closed(@Nullable Integer urgent) {
        int hour = (java.time.LocalTime.now(java.time.ZoneOffset.UTC).getHour() + 6) % 24;
        return new UploadOptions(
                List.of(UploadWindow.parse(hour + ":00-" + hour + ":59")), null, java.time.ZoneOffset.UTC, urgent);
    }

    private static ForwarderOptions with(@Nullable UploadOptions upload) {
        ForwarderOptions plain = options(Duration.ofSeconds(1));
        return new ForwarderOptions(
                plain.reconnectMin(),
                plain.reconnectMax(),
                plain.welcomeTimeout(),
                plain.progressTimeout(),
                plain.statusInterval(),
                plain.drainTimeout(),
                upload);
    }

    @Test
    void outsideOfItsWindows_theLinkIsNotUsed() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            append(10);
            Forwarder running = start(collector.start());
            await().until(() -> outbox.readings() == 0);
            running.reconfigure(with(closed(null)));
            await().until(() -> !running.isConnected());
            append(10);
            running.wake();
            assertThat(outbox.readings()).isEqualTo(30);
            running.reconfigure(with(null));
            await().until(() -> outbox.readings() == 0);
            assertThat(collector.readings()).isEqualTo(60);
        }
    }

    @Test
    void outsideOfItsWindows_urgentClassesGoThrough() throws Exception {
        try (FakeCollector collector = new FakeCollector(1, 0, 1 << 20)) {
            Forwarder running = start(collector.start());
            running.reconfigure(with(closed(6)));
            append(5);
            outbox.append(List.of(urgent(), urgent()), List.of(), true);
            append(5);
            running.wake();
            await().until(() -> outbox.readings() == 30);
            assertThat(collector.readings()).isEqualTo(2 * urgent().readings());
            running.reconfigure(with(null));
            await().until(() -> outbox.readings() == 0);
            assertThat(collector.readings()).isEqualTo(30 + 2 * urgent().readings());
        }
    }

    private static EncodedBatch urgent() {
        EncodedBatch plain = Outboxes.batch(3, 1);
        return new EncodedBatch(
                plain.readings(),
                plain.oldestEventTimeNs(),
                plain.newestEventTimeNs(),
                plain.edgeTimeNs(),
                plain.bytes(),
                6,
                false);
    }

    @Test
    void backoff_staysBelowItsBound() throws IOException {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new SplittableRandom(3));
        long bound = Duration.ofMillis(100).toNanos();
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.failed())
                    .isBetween(0L, Math.min(bound, Duration.ofSeconds(2).toNanos()));
            bound = Math.min(bound * 2, Duration.ofSeconds(2).toNanos());
        }
        backoff.succeeded();
        assertThat(backoff.failed()).isLessThanOrEqualTo(Duration.ofMillis(100).toNanos());
    }
}
