package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.collector.agents.Account;
import io.tributary.collector.agents.GapReport;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Batch;
import io.tributary.proto.v1.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of deliveries, well formed and not, over a real connection. */
class IngestDeliveryTest {
    private static final long NOW = IngestFixture.NOW_NS;
    private static final long HOUR = 3_600_000_000_000L;

    private final FakeBatchWriter writer = new FakeBatchWriter();
    private IngestFixture fixture = new IngestFixture(writer, writer);

    @AfterEach
    void close() {
        fixture.close();
        writer.close();
    }

    @Test
    void delivery_isAcknowledgedOnlyOnceDurable() {
        writer.pause();
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, IngestFixture.batch("d1", NOW - HOUR, 10));
            await().until(() -> writer.heldAppends() == 1);
            agent.probe(1); // its answer comes after anything that was sent before
            agent.first(io.tributary.proto.v1.CollectorMessage.MessageCase.CLOCK_REPLY);
            assertThat(agent.acknowledgements()).isEmpty();

            writer.resume();
            agent.awaitAcknowledged(0, 20);
        }
        assertThat(writer.storedReadings()).isEqualTo(20);
    }

    @Test
    void acknowledgements_ofManyDeliveriesAreOneRange() {
        writer.pause();
        byte[] batch = IngestFixture.batch("d1", NOW - HOUR, 10);
        try (TestAgent agent = fixture.agent("a1")) {
            for (int i = 0; i < 50; i++) {
                agent.deliver(i * 20L, batch);
            }
            await().until(() -> writer.heldAppends() == 50);
            writer.resume();
            agent.awaitAcknowledged(0, 1000);
            assertThat(agent.acknowledged()).containsExactly(new SequenceRange(0, 1000));
        }
    }

    @Test
    void undecodableBatch_isDeadLetteredAndAcknowledgedAndDoesNotStopTheLine() {
        byte[] good = IngestFixture.batch("d1", NOW - HOUR, 10);
        byte[] broken = good.clone();
        broken[broken.length - 1] ^= 0x55;
        byte[] noise = "this is not a batch".getBytes(StandardCharsets.UTF_8);
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, 20, broken);
            agent.deliver(20, 7, noise);
            agent.deliver(27, good);
            agent.awaitAcknowledged(0, 47);
            assertThat(agent.rejections())
                    .extracting(Rejection::getCause, Rejection::getReadings)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("undecodable-batch", 20L),
                            org.assertj.core.groups.Tuple.tuple("undecodable-batch", 7L));
        }
        assertThat(writer.deadLetters).hasSize(2);
        assertThat(writer.storedReadings()).isEqualTo(20);
        assertAddsUp("a1", 47);
    }

    @Test
    void countMismatch_betweenOutboxAndEnvelope_rejectsTheWholeRange() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, 21, IngestFixture.batch("d1", NOW - HOUR, 10));
            agent.awaitAcknowledged(0, 21);
            assertThat(agent.rejections()).extracting(Rejection::getCause).containsExactly("reading-count-mismatch");
        }
        assertThat(writer.storedReadings()).isZero();
        assertAddsUp("a1", 21);
    }

    @Test
    void countMismatch_betweenEnvelopeAndContent_rejectsTheWholeRange() throws Exception {
        Batch lying = Batch.parseFrom(IngestFixture.batch("d1", NOW - HOUR, 10)).toBuilder()
                .setReadingCount(19)
                .build();
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, 19, lying.toByteArray());
            agent.awaitAcknowledged(0, 19);
            assertThat(agent.rejections()).hasSize(1);
        }
        assertThat(writer.storedReadings()).isZero();
        assertAddsUp("a1", 19);
    }

    @Test
    void futureRows_areRejectedAloneAndTheRestStored() throws InvalidBatchException {
        BatchBuilder builder = new BatchBuilder();
        builder.row(Device.of("d1"), NOW - HOUR, NOW).set("t", 1.0).set("n", 1L);
        builder.row(Device.of("d1"), NOW + 2 * HOUR, NOW).set("t", 2.0).set("n", 2L);
        builder.row(Device.of("d1"), NOW + HOUR / 2, NOW).set("t", 3.0).set("n", 3L);
        builder.row(Device.of("d1"), NOW + 3 * HOUR, NOW + 3 * HOUR)
                .set("t", 4.0)
                .set("n", 4L);
        byte[] batch = BatchCodec.encode(builder.build());
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(100, batch);
            agent.awaitAcknowledged(100, 8);
            assertThat(agent.rejections())
                    .extracting(Rejection::getCause, Rejection::getReadings)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("future-event-time", 2L),
                            org.assertj.core.groups.Tuple.tuple("future-agent-clock", 2L));
            assertThat(agent.rejections().get(0).getDetail()).contains("2026-01-01T02:00:00Z", "3600 s");
            // The rows that stayed keep their own sequences: delivering all again changes nothing.
            agent.deliver(100, batch);
            await().until(() -> writer.account(origin("a1")).redelivered() == 8);
        }
        assertThat(writer.stored.keySet())
                .extracting(FakeBatchWriter.Key::eventTimeNs)
                .containsOnly(NOW - HOUR, NOW + HOUR / 2);
        byte[] letter = Objects.requireNonNull(writer.deadLetters.get(0).payload());
        assertThat(BatchCodec.decode(letter, io.tributary.model.BatchLimits.DEFAULT)
                        .readingCount())
                .isEqualTo(2);
        Account account = Objects.requireNonNull(fixture.directory.gaps("a1")).account();
        assertThat(account.stored()).isEqualTo(4);
        assertThat(account.rejectedTotal()).isEqualTo(4);
        assertThat(account.missing()).isZero();
    }

    @Test
    void unstampedRows_areRejected() {
        byte[] batch = IngestFixture.batch("d1", io.tributary.model.Table.STAMP_ON_ARRIVAL, 1);
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, batch);
            agent.awaitAcknowledged(0, 2);
            assertThat(agent.rejections()).extracting(Rejection::getCause).containsExactly("impossible-event-time");
        }
    }

    @Test
    void tooManyDevices_rejectsTheRowsOfTheSurplusOnly() {
        restart(IngestFixture.options(10, 1 << 20, 2 << 20, 2, 1000));
        BatchBuilder builder = new BatchBuilder();
        for (String device : new String[] {"d1", "d2", "d3", "d1"}) {
            builder.row(Device.of(device), NOW - HOUR, NOW).set("t", 1.0);
        }
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BatchCodec.encode(builder.build()));
            agent.awaitAcknowledged(0, 4);
            assertThat(agent.rejections())
                    .extracting(Rejection::getCause, Rejection::getReadings)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("too-many-devices", 1L));
        }
        assertThat(writer.stored.keySet())
                .extracting(FakeBatchWriter.Key::device)
                .containsOnly("d1", "d2");
    }

    @Test
    void tooManyChannels_countsThoseOfEarlierBatches() {
        restart(IngestFixture.options(10, 1 << 20, 2 << 20, 10, 3));
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(
                    0,
                    BatchCodec.encode(new BatchBuilder()
                            .row(Device.of("d1"), NOW - HOUR, NOW)
                            .set("a", 1.0)
                            .set("b", 1.0)
                            .build()));
            agent.deliver(
                    2,
                    BatchCodec.encode(new BatchBuilder()
                            .row(Device.of("d1"), NOW - HOUR, NOW)
                            .set("c", 1.0)
                            .set("d", 1.0)
                            .row(Device.of("d2"), NOW - HOUR, NOW)
                            .set("c", 1.0)
                            .set("d", 1.0)
                            .build()));
            agent.awaitAcknowledged(0, 6);
            assertThat(agent.rejections())
                    .extracting(Rejection::getCause, Rejection::getReadings)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("too-many-channels", 2L));
        }
    }

    @Test
    void replayAndOverlap_storeNothingTwice() {
        byte[] batch = IngestFixture.batch("d1", NOW - HOUR, 10);
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, batch);
            agent.deliver(0, batch);
            agent.deliver(10, batch); // [10, 30) overlaps [0, 20): its first half is taken as received already
            agent.awaitAcknowledged(0, 30);
            await().until(() -> writer.account(origin("a1")).redelivered() >= 30);
        }
        assertThat(writer.received(origin("a1"))).containsExactly(new SequenceRange(0, 30));
        Account account = assertAddsUp("a1", 30);
        assertThat(account.duplicate() + account.replaced() + account.stored()).isEqualTo(30);
    }

    @Test
    void loss_isMadeDurableAcknowledgedAndToldAtTheNextHello() {
        try (TestAgent agent = TestAgent.greeted(fixture.port(), "a1", 1, 100)) {
            agent.lose(0, 60, "disk-full");
            agent.awaitAcknowledged(0, 60);
        }
        GapReport gaps = Objects.requireNonNull(fixture.directory.gaps("a1"));
        assertThat(gaps.account().evicted()).containsEntry("disk-full", 60L);
        assertThat(gaps.account().queued()).isEqualTo(40);
        assertThat(gaps.account().addsUp()).isTrue();
        try (TestAgent agent = new TestAgent(fixture.port())) {
            agent.hello("a1", 1, 100, 60);
            assertThat(agent.welcome().getReceived(0).getCount()).isEqualTo(60);
        }
    }

    @Test
    void lossesOfAnEarlierEpoch_areToldInTheNext() {
        try (TestAgent agent = TestAgent.greeted(fixture.port(), "a1", 1, 100)) {
            agent.deliver(0, IngestFixture.batch("d1", NOW, 10));
            agent.awaitAcknowledged(0, 20);
        }
        try (TestAgent agent = TestAgent.greeted(fixture.port(), "a1", 2, 0)) {
            agent.lose(1, 40, 30, "salvaged");
            await().until(() -> agent.isAcknowledgedEarlier(1, 40, 30));
            agent.lose(1, 0, 1L << 62, "damaged");
            await().until(() -> agent.isAcknowledgedEarlier(1, 0, 100));
        }
        GapReport gaps = Objects.requireNonNull(fixture.directory.gaps("a1"));
        assertThat(gaps.account().evictedTotal()).isEqualTo(80);
        assertThat(gaps.account().missing()).isZero();
        assertThat(gaps.account().addsUp()).isTrue();
    }

    @Test
    void fullWriter_isTriedAgain() {
        writer.setFull(true);
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, IngestFixture.batch("d1", NOW - HOUR, 10));
            agent.deliver(20, IngestFixture.batch("d1", NOW, 10));
            await().until(() -> fixture.metric("tributary_collector_ingest_in_flight_bytes") > 0);
            writer.setFull(false);
            agent.awaitAcknowledged(0, 40);
        }
    }

    @Test
    void memoryBudget_holdsStreamsBackAndLetsThemGoOn() {
        restart(IngestFixture.options(10, 64 << 10, 64 << 10, 1000, 1000));
        writer.pause();
        byte[] batch = IngestFixture.batch("d1", NOW - HOUR, 1000); // decoded: about 32 kB of the 64 kB
        try (TestAgent one = fixture.agent("a1");
                TestAgent two = fixture.agent("a2");
                TestAgent three = fixture.agent("a3")) {
            for (TestAgent agent : new TestAgent[] {one, two, three}) {
                agent.deliver(0, batch);
            }
            await().until(() -> fixture.metric("tributary_collector_ingest_waiting_streams") >= 1);
            assertThat(writer.heldAppends()).isLessThan(3);
            writer.resume();
            for (TestAgent agent : new TestAgent[] {one, two, three}) {
                agent.awaitAcknowledged(0, 2000);
            }
        }
        await().until(() -> fixture.metric("tributary_collector_ingest_in_flight_bytes") == 0);
    }

    @Test
    void lags_areRecordedPerHop() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, IngestFixture.batch("d1", NOW - HOUR, 10));
            agent.awaitAcknowledged(0, 20);
        }
        assertThat(fixture.metrics.scrape())
                .filteredOn(each -> each.getMetadata().getPrometheusName().equals("tributary_collector_lag_seconds"))
                .singleElement()
                .satisfies(each -> assertThat(each.getDataPoints()).hasSize(3));
    }

    private void restart(IngestOptions options) {
        fixture.close();
        fixture = new IngestFixture(writer, writer, options);
    }

    private Account assertAddsUp(String agent, long accepted) {
        Account account = Objects.requireNonNull(fixture.directory.gaps(agent)).account();
        assertThat(account.accepted()).isEqualTo(accepted);
        assertThat(account.addsUp()).as("%s", account).isTrue();
        return account;
    }

    private static io.tributary.collector.partition.Origin origin(String agent) {
        return new io.tributary.collector.partition.Origin(agent, 1);
    }
}
