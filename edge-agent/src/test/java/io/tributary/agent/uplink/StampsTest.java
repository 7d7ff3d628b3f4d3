package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.clock.ClockTrust;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.clock.SyncProbe;
import io.tributary.agent.outbox.GroupCommit;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.Outboxes;
import io.tributary.agent.outbox.RocksOutbox;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the intake through the outbox to what is sent, while the clock jumps. */
final class StampsTest {
    private static final long TRUTH = 1_700_000_000_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();

    private ClockKeeper keeper(long boot) {
        return new ClockKeeper(
                clock,
                SyncProbe.SILENT,
                ClockTrust.AUTO,
                boot,
                1_600_000_000_000_000_000L,
                directory.resolve("outbox.clock"));
    }

    /** One reading stamped on arrival, and one with a time of its own. */
    private static void take(GroupCommit commit, long deviceTime) throws InterruptedException {
        Batch batch = new BatchBuilder()
                .row(Device.of("d"), Table.STAMP_ON_ARRIVAL)
                .set("t", 1.0)
                .row(Device.of("e"), deviceTime)
                .set("t", 2.0)
                .build();
        CountDownLatch told = new CountDownLatch(1);
        commit.take("s", batch, Durability.SYNCED, new Receipt() {
            @Override
            public void taken() {
                told.countDown();
            }

            @Override
            public void refused(Refusal refusal) {
                throw new AssertionError(refusal.toString());
            }
        });
        told.await();
    }

    private static long[] events(@Nullable Stamped stamped) throws Exception {
        Batch batch = BatchCodec.decode(Objects.requireNonNull(stamped).bytes(), BatchLimits.DEFAULT);
        return java.util.Arrays.copyOf(batch.tables().get(0).eventTimes(), 2);
    }

    @Test
    void startIn1970_thenCompared_storesTheTruthWithinTheBound() throws Exception {
        clock.setWall(3 * SECOND);
        ClockKeeper keeper = keeper(1);
        Stamps stamps = new Stamps(keeper, clock);
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            try (GroupCommit commit = new GroupCommit(
                    outbox, Outboxes.options(directory), clock, keeper, () -> {}, new PrometheusRegistry())) {
                commit.start();
                take(commit, TRUTH);
                clock.advance(10 * SECOND);
                take(commit, TRUTH + 10 * SECOND);
            }
            List<OutboxRecord> read = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE);
            assertThat(stamps.correct(read.get(0))).isNull();
            outbox.evictBefore(stamps.ageNowNs() - HOUR);
            outbox.evictBefore(TRUTH);
            assertThat(outbox.stats().queuedReadings()).isEqualTo(4);

            long error = 3_000_000;
            keeper.compared(new ClockOffset(TRUTH - 3 * SECOND + error, error));
            for (int i = 0; i < 2; i++) {
                Stamped stamped = Objects.requireNonNull(stamps.correct(read.get(i)));
                long bound = Objects.requireNonNull(stamped.correction()).errorNs();
                long truth = TRUTH + i * 10 * SECOND;
                assertThat(events(stamped)[0]).isBetween(truth - bound, truth + bound);
                assertThat(events(stamped)[1]).as("a device with a right clock").isEqualTo(truth);
                assertThat(bound).isLessThan(5_000_000);
                assertThat(stamped.record().firstSequence()).isEqualTo(i * 2L);
                Table table = BatchCodec.decode(stamped.bytes(), BatchLimits.DEFAULT)
                        .tables()
                        .get(0);
                assertThat(table.columns()[0].qualityAt(0)).isEqualTo(Quality.TIME_CORRECTED);
                assertThat(table.columns()[0].qualityAt(1)).as("its own time").isEqualTo(Quality.GOOD);
                // The raw stamp can be had back exactly.
                assertThat(events(stamped)[0] - stamped.correction().shiftNs()).isEqualTo((3 + i * 10L) * SECOND);
            }
            isTheSameWhenJoined(outbox, stamps, read);
        }
    }

    /** What waits while the clock is wrong comes in small batches: they go as one, and are corrected as one. */
    private static void isTheSameWhenJoined(RocksOutbox outbox, Stamps stamps, List<OutboxRecord> parts)
            throws Exception {
        LaneCursor lane = new LaneCursor(outbox, stamps, Lane.BACKLOG, 0, Long.MAX_VALUE);
        assertThat(lane.run(false, 1 << 20)).hasSize(2);
        OutboxRecord joined = Objects.requireNonNull(SmallBatches.join(parts));
        List<Long> times = new java.util.ArrayList<>();
        for (OutboxRecord part : parts) {
            for (long time : events(stamps.correct(part))) {
                times.add(time);
            }
        }
        Batch batch =
                BatchCodec.decode(Objects.requireNonNull(stamps.correct(joined)).bytes(), BatchLimits.DEFAULT);
        List<Long> joinedTimes = new java.util.ArrayList<>();
        for (Table table : batch.tables()) {
            for (int row = 0; row < table.rows(); row++) {
                joinedTimes.add(table.eventTimes()[row]);
            }
        }
        assertThat(joinedTimes).containsExactlyInAnyOrderElementsOf(times);
    }

    @Test
    void setBackByAnHourInMidRun_keepsOrderAndTruth() throws Exception {
        ClockKeeper keeper = keeper(1);
        Stamps stamps = new Stamps(keeper, clock);
        keeper.compared(new ClockOffset(0, 1_000_000));
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            try (GroupCommit commit = new GroupCommit(
                    outbox, Outboxes.options(directory), clock, keeper, () -> {}, new PrometheusRegistry())) {
                commit.start();
                for (int i = 0; i < 20; i++) {
                    if (i == 7) {
                        clock.setWall(clock.wallNs() - HOUR);
                    } else if (i == 13) {
                        clock.setWall(clock.wallNs() + HOUR);
                    }
                    take(commit, 1);
                    clock.advance(SECOND);
                }
            }
            List<OutboxRecord> read = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE);
            assertThat(read).hasSize(20);
            for (int i = 0; i < 20; i++) {
                assertThat(read.get(i).firstSequence()).isEqualTo(i * 2L);
                Stamped stamped = Objects.requireNonNull(stamps.correct(read.get(i)));
                assertThat(events(stamped)[0]).isEqualTo(TRUTH + i * SECOND);
                assertThat(stamped.correction() != null).isEqualTo(i >= 7 && i < 13);
            }
            // Joined are those of one clock.
            LaneCursor lane = new LaneCursor(outbox, stamps, Lane.BACKLOG, 0, Long.MAX_VALUE);
            for (int size : new int[] {7, 6, 7}) {
                List<OutboxRecord> run = lane.run(false, 1 << 20);
                assertThat(run).hasSize(size);
                run.forEach(each -> lane.take());
            }
        }
    }

    @Test
    void bootThatNeverHadTheTime_isSentAsUncertain() throws Exception {
        clock.setWall(3 * SECOND);
        ClockKeeper lost = keeper(1);
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            try (GroupCommit commit = new GroupCommit(
                    outbox, Outboxes.options(directory), clock, lost, () -> {}, new PrometheusRegistry())) {
                commit.start();
                take(commit, 5);
            }
            OutboxRecord read = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).get(0);
            Stamped stamped = Objects.requireNonNull(new Stamps(keeper(2), clock).correct(read));
            Batch batch = BatchCodec.decode(stamped.bytes(), BatchLimits.DEFAULT);
            assertThat(batch.tables().get(0).columns()[0].qualityAt(0)).isEqualTo(Quality.UNCERTAIN_TIME);
            assertThat(stamped.correction()).isNull();
        }
    }

    @Test
    void bootThatIsLateByADay_isHeldAndCorrected() throws Exception {
        ClockKeeper first = keeper(1);
        first.compared(new ClockOffset(0, 1_000_000));
        first.close();
        ClockKeeper keeper = keeper(2); // the clock goes on where it was switched off, a day ago
        Stamps stamps = new Stamps(keeper, clock);
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            try (GroupCommit commit = new GroupCommit(
                    outbox, Outboxes.options(directory), clock, keeper, () -> {}, new PrometheusRegistry())) {
                commit.start();
                take(commit, 5);
            }
            OutboxRecord read = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).get(0);
            assertThat(stamps.correct(read)).isNull();
            keeper.compared(new ClockOffset(24 * HOUR, 2_000_000));
            Stamped stamped = Objects.requireNonNull(stamps.correct(read));
            assertThat(events(stamped)[0]).isEqualTo(TRUTH + 24 * HOUR);
            assertThat(Objects.requireNonNull(stamped.correction()).errorNs()).isEqualTo(3_000_000);
        }
    }

    @Test
    void bootThatWasRight_isSentAsItWasStored() throws Exception {
        ClockKeeper keeper = keeper(1);
        Stamps stamps = new Stamps(keeper, clock);
        try (RocksOutbox outbox = RocksOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            try (GroupCommit commit = new GroupCommit(
                    outbox, Outboxes.options(directory), clock, keeper, () -> {}, new PrometheusRegistry())) {
                commit.start();
                take(commit, 5);
                take(commit, 6);
            }
            OutboxRecord read = outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE).get(0);
            assertThat(stamps.correct(read)).isNull();
            assertThat(stamps.settled(read)).isSameAs(read);
            keeper.compared(new ClockOffset(40_000_000, 20_000_000));
            assertThat(stamps.settled(read).batch().uncertain()).isNull();
            assertThat(new LaneCursor(outbox, stamps, Lane.BACKLOG, 0, Long.MAX_VALUE).run(false, 1 << 20))
                    .hasSize(2);
            Stamped stamped = Objects.requireNonNull(stamps.correct(read));
            assertThat(stamped.bytes()).isSameAs(read.batch().bytes());
            assertThat(stamped.correction()).isNull();
        }
    }
}
