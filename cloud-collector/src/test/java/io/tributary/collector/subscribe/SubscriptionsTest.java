package io.tributary.collector.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Waiting;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.ErasureRequest;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.config.ByteSize;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Subscribers of a real store; the monotonic clock is the test's. */
final class SubscriptionsTest {
    private static final long T0 = 1_700_000_000_000_000_000L;
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(0, T0);

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private TimeSeriesEngine engine;

    @SuppressWarnings("NullAway.Init")
    private Subscriptions subscriptions;

    private final AtomicLong nanos = new AtomicLong();
    private long sequence;

    @BeforeEach
    void open() throws IOException {
        engine = TimeSeriesEngine.open(directory, EngineOptions.DEFAULT, CLOCK, new PrometheusRegistry());
        subscriptions = subscriptions(new StreamLimits(2, 3, Duration.ofSeconds(1), ByteSize.parse("64KiB")));
    }

    private Subscriptions subscriptions(StreamLimits limits) {
        Subscriptions made = new Subscriptions(
                engine.log(), engine.states("bookmark"), limits, CLOCK, nanos::get, new PrometheusRegistry());
        made.start();
        return made;
    }

    @AfterEach
    void close() {
        subscriptions.close();
        engine.close();
    }

    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private long append(String device, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (sequence + i) * 1_000_000_000L;
            builder.row(Device.of(device), event, event)
                    .set("t", (double) (sequence + i))
                    .set("n", sequence + i);
        }
        Batch batch = builder.build();
        Waiting done = new Waiting();
        Append append = new Append(
                new Origin("agent", 1),
                sequence,
                batch.readingCount(),
                batch,
                null,
                BatchCodec.encode(batch),
                List.of());
        sequence += batch.readingCount();
        engine.writer().append(append, done);
        return done.join();
    }

    /** Keeps what it is given. */
    private static final class Kept implements ReadingSink {
        private final List<String> readings = new ArrayList<>();
        private long missed;
        private @Nullable LogPosition last;

        @Override
        public void reading(
                String device,
                Channel channel,
                long eventTimeNs,
                long edgeTimeNs,
                long collectorTimeNs,
                Column values,
                int index) {
            readings.add(device + " " + channel.name() + " " + (eventTimeNs - T0) / 1_000_000_000L);
        }

        @Override
        public void missed(long records) {
            missed += records;
        }

        @Override
        public void position(LogPosition position) {
            last = position;
        }
    }

    private static StreamRequest request(String device, @Nullable String bookmark, boolean auto, @Nullable Long from) {
        return new StreamRequest(new Glob(device), List.of(new Glob("t")), null, bookmark, auto, from);
    }

    private Kept drain(Subscription subscription) throws Exception {
        Kept kept = new Kept();
        while (!subscription.position().equals(engine.log().newest())) {
            subscription.poll(kept);
        }
        return kept;
    }

    @Test
    void fromNow_fromTheOldest_andFromATime_beginThere() throws Exception {
        append("a", 2);
        long time = append("b", 1);
        try (Subscription now = subscriptions.open(request("*", null, false, null));
                Subscription oldest = subscriptions.open(request("*", null, false, Long.MIN_VALUE))) {
            append("a", 1);
            assertThat(drain(now).readings).containsExactly("a t 6");
            assertThat(drain(oldest).readings).containsExactlyInAnyOrder("a t 0", "a t 1", "b t 4", "a t 6");
        }
        try (Subscription since = subscriptions.open(request("*", null, false, time))) {
            assertThat(drain(since).readings).containsExactlyInAnyOrder("b t 4", "a t 6");
        }
        try (Subscription filtered = subscriptions.open(request("b*", null, false, Long.MIN_VALUE))) {
            assertThat(drain(filtered).readings).containsExactly("b t 4");
        }
    }

    @Test
    void aDeviceKeepsItsOrder_acrossFlushesAndRestarts() throws Exception {
        Kept kept;
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            expected.add("a t " + sequence);
            append("a", 1);
            if (i % 7 == 0) {
                engine.flush();
            }
        }
        String token;
        try (Subscription subscription = subscriptions.open(request("*", null, false, Long.MIN_VALUE))) {
            kept = new Kept();
            for (int i = 0; i < 8; i++) {
                subscription.poll(kept);
            }
            token = subscription.position().token();
        }
        close();
        open();
        StreamRequest again = new StreamRequest(Glob.ALL, List.of(new Glob("t")), token, null, false, null);
        try (Subscription subscription = subscriptions.open(again)) {
            kept.readings.addAll(drain(subscription).readings);
        }
        assertThat(kept.readings).isEqualTo(expected);
    }

    @Test
    void bookmark_isMadeByUse_followsByAHeartbeat_andSurvivesARestart() throws Exception {
        try (Subscription subscription = subscriptions.open(request("*", "mine", true, null))) {
            append("a", 1);
            append("a", 1);
            drain(subscription);
            assertThat(subscriptions.behind(subscriptions.bookmark("mine"))).isEqualTo(2);
            for (int tick = 0; tick < 2; tick++) {
                nanos.addAndGet(2_000_000_000L);
                assertThat(subscription.poll(new Kept())).isFalse();
            }
            assertThat(subscriptions.behind(subscriptions.bookmark("mine"))).isZero();
        }
        append("a", 1);
        close();
        open();
        try (Subscription subscription = subscriptions.open(request("*", "mine", false, null))) {
            assertThat(drain(subscription).readings).containsExactly("a t 4");
        }
        assertThat(subscriptions.behind(subscriptions.bookmark("mine"))).isEqualTo(1);
        subscriptions.commit("mine", (String) null);
        assertThat(subscriptions.behind(subscriptions.bookmark("mine"))).isZero();
        subscriptions.delete("mine");
        assertThatThrownBy(() -> subscriptions.bookmark("mine")).hasMessageContaining("unknown");
    }

    @Test
    void limits_areTold() {
        Subscription first = subscriptions.open(request("*", "one", false, null));
        assertThatThrownBy(() -> subscriptions.open(request("*", "one", false, null)))
                .hasMessageContaining("in use");
        Subscription second = subscriptions.open(request("*", null, false, null));
        assertThatThrownBy(() -> subscriptions.open(request("*", null, false, null)))
                .hasMessageContaining("at most 2");
        first.close();
        second.close();
        subscriptions.commit("two", (String) null);
        subscriptions.commit("three", (String) null);
        assertThatThrownBy(() -> subscriptions.commit("four", (String) null)).hasMessageContaining("there are 3");
        assertThatThrownBy(() -> subscriptions.commit("no/name", (String) null)).hasMessageContaining("letters");
        StreamRequest nonsense = new StreamRequest(Glob.ALL, List.of(), "AAAA", null, false, null);
        assertThatThrownBy(() -> subscriptions.open(nonsense)).isInstanceOf(SubscribeException.class);
    }

    @Test
    void erasedReadings_areNotShown_laterOnesAre() throws Exception {
        append("a", 3);
        append("b", 1);
        engine.erasures().erase(new ErasureRequest("a", List.of(), false, Long.MIN_VALUE, T0 + 2_000_000_000L));
        append("a", 1);
        try (Subscription subscription = subscriptions.open(request("*", null, false, Long.MIN_VALUE))) {
            assertThat(drain(subscription).readings).containsExactlyInAnyOrder("a t 2", "b t 6", "a t 8");
        }
    }

    @Test
    void cancel_wakesTheOneWhoWaits() throws Exception {
        Subscription subscription = subscriptions.open(request("*", null, false, null));
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> {
            try {
                while (!subscription.isCancelled()) {
                    subscription.poll(new Kept());
                }
                return true;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        subscriptions.close();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> subscriptions.open(request("*", null, false, null)))
                .hasMessageContaining("closing");
    }
}
