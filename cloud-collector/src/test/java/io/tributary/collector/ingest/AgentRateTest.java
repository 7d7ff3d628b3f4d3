package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** More than its rate makes an agent wait, and nobody else; nothing is refused. */
final class AgentRateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** 20 readings. */
    private static final byte[] BATCH = IngestFixture.batch("d1", IngestFixture.NOW_NS - 1_000_000_000_000L, 10);

    @Test
    void bucket_isASecondsWorth_andMayBeOverdrawn() {
        AgentRate rate = new AgentRate(100, 1_000, 0);
        rate.spend(100, 10, 0);
        assertThat(rate.waitNanos(0)).isZero();
        rate.spend(50, 10, 0);
        assertThat(rate.waitNanos(0)).isEqualTo(SECOND / 2);
        assertThat(rate.waitNanos(SECOND / 2)).isZero();
        // Rest is not saved up beyond a second.
        assertThat(rate.waitNanos(100 * SECOND)).isZero();
        rate.spend(200, 10, 100 * SECOND);
        assertThat(rate.waitNanos(100 * SECOND)).isEqualTo(SECOND);
        // The other bucket counts, too; a large debt is paid in several waits.
        rate.spend(0, 100_000, 101 * SECOND);
        assertThat(rate.waitNanos(101 * SECOND)).isEqualTo(10 * SECOND);
        assertThat(rate.waitNanos(111 * SECOND)).isEqualTo(10 * SECOND);
        assertThat(rate.waitNanos(201 * SECOND)).isZero();
    }

    @Test
    void withoutLimits_nobodyWaits() {
        AgentRate rate = new AgentRate(0, 0, 0);
        rate.spend(1L << 60, 1L << 60, 0);
        assertThat(rate.waitNanos(0)).isZero();
        assertThat(rate.creditBytes(7, 3)).isEqualTo(7);
    }

    @Test
    void credit_isTwoSecondsWorth_andALargestBatchAtLeast() {
        AgentRate rate = new AgentRate(0, 1_000, 0);
        assertThat(rate.creditBytes(100_000, 500)).isEqualTo(2_000);
        assertThat(rate.creditBytes(100_000, 5_000)).isEqualTo(5_000);
        assertThat(rate.creditBytes(1_500, 500)).isEqualTo(1_500);
    }

    @Test
    void agentAboveItsRate_isReadLater_othersAreNot() {
        FakeBatchWriter writer = new FakeBatchWriter();
        IngestOptions options = IngestFixture.options(10, 8 << 20, 64 << 20, 10, 10, 30, 0);
        try (writer;
                IngestFixture fixture = new IngestFixture(writer, writer, options);
                TestAgent fast = fixture.agent("fast");
                TestAgent slow = fixture.agent("slow")) {
            for (int i = 0; i < 4; i++) {
                fast.deliver(20 * i, BATCH);
            }
            fast.awaitAcknowledged(0, 40); // the second one overdraws by 10 readings: a third of a second
            await().atMost(PATIENCE).until(() -> fixture.metric("tributary_collector_ingest_paused_streams") == 1);
            slow.deliver(0, BATCH);
            slow.awaitAcknowledged(0, 20);
            assertThat(fixture.metric("tributary_collector_ingest_deliveries")).isEqualTo(3);

            fixture.monotonicNs.addAndGet(SECOND / 3 + 1);
            fast.awaitAcknowledged(0, 60);
            fixture.monotonicNs.addAndGet(SECOND);
            fast.awaitAcknowledged(0, 80);
            assertThat(fixture.metric("tributary_collector_ingest_rate_pauses")).isGreaterThanOrEqualTo(2);
            assertThat(fixture.metric("tributary_collector_ingest_protocol_errors"))
                    .isZero();
        }
    }
}
