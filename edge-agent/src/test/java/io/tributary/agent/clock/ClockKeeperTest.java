package io.tributary.agent.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.tls.CertificateTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClockKeeperTest {
    private static final long BUILT = 1_600_000_000_000_000_000L;
    private static final long TRUTH = 1_700_000_000_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final FakeProbe probe = new FakeProbe(clock);
    private ClockTrust trust = ClockTrust.AUTO;

    private ClockKeeper keeper(long boot) {
        return new ClockKeeper(clock, probe, trust, boot, BUILT, directory.resolve("outbox.clock"));
    }

    /** Of a boot whose clock was right. */
    private void confirmedBoot(long boot) {
        ClockKeeper keeper = keeper(boot);
        keeper.compared(new ClockOffset(0, 1_000_000));
        keeper.close();
    }

    private static ClockCorrection known(ClockKeeper keeper, ClockStamp stamp) {
        return Objects.requireNonNull(keeper.correction(stamp));
    }

    @Test
    void bootIn1970_isCorrectedWhenTheServiceSetsTheClock() {
        clock.setWall(5 * SECOND);
        ClockKeeper keeper = keeper(1);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.correction(stamp)).isNull();
        assertThat(keeper.isHopeless(stamp)).isFalse();

        clock.advance(100 * SECOND);
        clock.setWall(TRUTH + 100 * SECOND);
        probe.mark();
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        ClockCorrection correction = known(keeper, stamp);
        assertThat(stamp.wallNs() + correction.shiftNs())
                .isBetween(TRUTH - correction.errorNs(), TRUTH + correction.errorNs());
        assertThat(correction.errorNs()).isLessThan(SECOND);
    }

    @Test
    void bootIn1970_isCorrectedByTheCollectorsClock() {
        clock.setWall(5 * SECOND);
        ClockKeeper keeper = keeper(1);
        ClockStamp stamp = keeper.stamp();
        clock.advance(10 * SECOND);
        keeper.compared(new ClockOffset(TRUTH - 5 * SECOND, 2_000_000));
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        assertThat(keeper.isUncertain()).isTrue();
        ClockCorrection correction = known(keeper, stamp);
        assertThat(correction.shiftNs()).isEqualTo(TRUTH - 5 * SECOND);
        assertThat(correction.errorNs()).isBetween(2_000_000L, 5_000_000L);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH + 10 * SECOND);

        clock.setWall(TRUTH + 10 * SECOND);
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        assertThat(known(keeper, stamp).shiftNs()).isEqualTo(TRUTH - 5 * SECOND);
    }

    @Test
    void certificates_areCheckedAgainstATimeThatIsPastForCertain() {
        clock.setWall(5 * SECOND);
        ClockKeeper keeper = keeper(1);
        CertificateTime time = keeper.certificateTime();
        assertThat(time.now()).isEqualTo(Instant.ofEpochSecond(0, BUILT));
        assertThat(time.isCertain()).isFalse();

        // The first session shows what time it is, whatever the clock goes on saying.
        keeper.compared(new ClockOffset(TRUTH, 2_000_000));
        assertThat(time.now()).isEqualTo(Instant.ofEpochSecond(0, TRUTH + 5 * SECOND));
        assertThat(time.isCertain()).isFalse();
        clock.setWall(TRUTH + 5 * SECOND);
        keeper.tick();
        assertThat(time.isCertain()).isTrue();
        keeper.close();

        // The next boot is in 1970 again, and knows at least that.
        clock.setWall(5 * SECOND);
        assertThat(keeper(2).certificateTime().now()).isAfterOrEqualTo(Instant.ofEpochSecond(0, TRUTH));
    }

    @Test
    void setBackInMidRun_isWrongUntilComparedOrSetRight() {
        ClockKeeper keeper = keeper(1);
        keeper.compared(new ClockOffset(0, 1_000_000));
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        clock.advance(60 * SECOND);
        clock.setWall(clock.wallNs() - HOUR);
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.isUncertain()).isTrue();
        // What the monotonic clock says is enough.
        assertThat(stamp.wallNs() + known(keeper, stamp).shiftNs()).isEqualTo(TRUTH + 60 * SECOND);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH + 60 * SECOND);

        clock.setWall(clock.wallNs() + HOUR);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
    }

    @Test
    void setAheadByYears_doesNotAgeWhatIsQueued() {
        ClockKeeper keeper = keeper(1);
        keeper.compared(new ClockOffset(0, 1_000_000));
        clock.setWall(TRUTH + 10 * 365 * 24 * HOUR);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH);
    }

    @Test
    void latestTimeSeen_isTheFloorAfterAReboot() {
        confirmedBoot(1);
        clock.setWall(TRUTH - HOUR); // above the build date, below what was seen
        assertThat(keeper(2).quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        clock.setWall(TRUTH + HOUR);
        assertThat(keeper(2).quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
    }

    @Test
    void stampsOfAnEarlierBoot_areCorrectedIfItsClockEverWasRight() {
        clock.setWall(5 * SECOND);
        ClockKeeper first = keeper(1);
        ClockStamp lucky = first.stamp();
        first.compared(new ClockOffset(TRUTH - 5 * SECOND, 1_000_000));
        first.close();

        clock.setWall(7 * SECOND);
        ClockStamp unlucky = keeper(2).stamp();

        clock.setWall(9 * SECOND);
        ClockKeeper third = keeper(3);
        assertThat(known(third, lucky).shiftNs()).isEqualTo(TRUTH - 5 * SECOND);
        assertThat(third.correction(unlucky)).isNull();
        assertThat(third.isHopeless(unlucky)).isTrue();
    }

    @Test
    void memoryThatCannotBeRead_isForgotten() throws Exception {
        Files.writeString(directory.resolve("outbox.clock"), "seen x\nboot\n\u0000");
        assertThat(keeper(1).quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
    }

    @Test
    void slewing_isNoStep() {
        ClockKeeper keeper = keeper(1);
        for (int i = 0; i < 100; i++) {
            clock.advance(SECOND);
            clock.setWall(clock.wallNs() + 500_000);
            keeper.tick();
        }
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
    }

    @Test
    void bootLate_isUncertainUntilConfirmed() {
        confirmedBoot(1);
        clock.setWall(TRUTH + 60 * SECOND); // a day has passed, the clock was restored to the time of the shutdown
        ClockKeeper keeper = keeper(2);
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
        assertThat(keeper.isUncertain()).isTrue();
        assertThat(keeper.correction(stamp)).isNull();
        keeper.compared(new ClockOffset(24 * HOUR, 1_000_000));
        assertThat(known(keeper, stamp)).isEqualTo(new ClockCorrection(24 * HOUR, 1_000_000));
        assertThat(keeper.isUncertain()).isTrue();
    }

    @Test
    void bootLate_isCorrectedWhenTheKernelIsSynchronized() {
        confirmedBoot(1);
        probe.kernelSays(SyncProbe.KernelWord.Says.UNSYNCHRONIZED);
        probe.mark(); // what an image brings along says nothing against the kernel
        ClockKeeper keeper = keeper(2);
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.isUncertain()).isTrue();
        clock.advance(30 * SECOND);
        clock.setWall(clock.wallNs() + 24 * HOUR);
        probe.kernelSays(SyncProbe.KernelWord.Says.SYNCHRONIZED);
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        assertThat(known(keeper, stamp).shiftNs()).isEqualTo(24 * HOUR);
    }

    @Test
    void rightAtBoot_isConfirmedByTheFirstComparisonAndStaysSoOverRestarts() {
        ClockKeeper keeper = keeper(1);
        assertThat(keeper.isUncertain()).isTrue();
        keeper.compared(new ClockOffset(3_000_000, 4_000_000));
        assertThat(keeper.isUncertain()).isFalse();
        // Killed: nothing was saved since. The same boot, another process.
        clock.advance(HOUR);
        ClockKeeper next = keeper(1);
        assertThat(next.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        // Set by hand while none ran.
        clock.setWall(clock.wallNs() - HOUR);
        probe.mark();
        ClockKeeper lied = keeper(1);
        assertThat(lied.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        assertThat(known(lied, lied.stamp()).shiftNs()).isEqualTo(HOUR + 3_000_000);
    }

    @Test
    void bootIn2099_agesNothingAndIsNotRemembered() {
        confirmedBoot(1);
        clock.setWall(TRUTH + 70L * 365 * 24 * HOUR);
        ClockKeeper ahead = keeper(2);
        assertThat(ahead.knowsTime()).isFalse();
        assertThat(ahead.ageNowNs()).isEqualTo(TRUTH);
        ahead.close();
        clock.setWall(TRUTH + HOUR);
        ClockKeeper right = keeper(3);
        assertThat(right.quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
        assertThat(right.ageNowNs()).isEqualTo(TRUTH);
    }

    @Test
    void latestTimeThatWasWrong_isOverruled() {
        clock.setWall(TRUTH + 70L * 365 * 24 * HOUR);
        confirmedBoot(1); // by a collector that was wrong, too
        clock.setWall(TRUTH + HOUR);
        ClockKeeper keeper = keeper(2);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        keeper.compared(new ClockOffset(0, 1_000_000));
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH + HOUR);
        keeper.close();
        assertThat(keeper(3).quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
    }

    @Test
    void collectorBeforeTheBuildDate_isNotBelieved() {
        ClockKeeper keeper = keeper(1);
        keeper.compared(new ClockOffset(-TRUTH, 1_000_000));
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.PLAUSIBLE);
        assertThat(keeper.correction(keeper.stamp())).isNull();
    }

    @Test
    void setBackWithAStaleMark_isWrongAndCorrected() {
        probe.mark();
        ClockKeeper keeper = keeper(1);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        clock.advance(600 * SECOND);
        probe.mark(); // its server has just answered
        keeper.tick();
        clock.advance(SECOND);
        clock.setWall(clock.wallNs() - HOUR);
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.isUncertain()).isTrue();
        assertThat(known(keeper, stamp).shiftNs()).isEqualTo(HOUR);
        clock.advance(1_200 * SECOND);
        keeper.tick();
        assertThat(keeper.isUncertain()).isTrue();

        // The service finds it out.
        clock.setWall(clock.wallNs() + HOUR);
        probe.mark();
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
    }

    @Test
    void setAheadWithAStaleMark_isWrong() {
        probe.mark();
        ClockKeeper keeper = keeper(1);
        clock.advance(600 * SECOND);
        clock.setWall(clock.wallNs() + HOUR);
        keeper.tick();
        assertThat(keeper.isUncertain()).isTrue();
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH + 600 * SECOND);
    }

    @Test
    void setByTheTimeService_isRight() {
        ClockKeeper keeper = keeper(1);
        keeper.compared(new ClockOffset(0, 30 * SECOND)); // over a link that tells little
        clock.advance(600 * SECOND);
        clock.setWall(clock.wallNs() + 20 * SECOND);
        probe.mark();
        keeper.tick();
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH + 620 * SECOND);
    }

    @Test
    void setByHand_theKernelTells() {
        probe.mark();
        probe.kernelSays(SyncProbe.KernelWord.Says.SYNCHRONIZED);
        ClockKeeper keeper = keeper(1);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        clock.advance(600 * SECOND);
        probe.kernelSays(SyncProbe.KernelWord.Says.UNSYNCHRONIZED);
        clock.setWall(clock.wallNs() - 5 * SECOND);
        probe.mark(); // no mark helps against it
        ClockStamp stamp = keeper.stamp();
        assertThat(keeper.isUncertain()).isTrue();
        assertThat(known(keeper, stamp).shiftNs()).isEqualTo(5 * SECOND);
    }

    @Test
    void collectorAgainstAMark_isBelieved() {
        clock.advance(1_000 * SECOND);
        probe.mark();
        clock.advance(1_000 * SECOND); // and in between, before the start, somebody has set it ahead
        ClockKeeper keeper = keeper(1);
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        keeper.compared(new ClockOffset(-600 * SECOND, 1_000_000));
        for (int i = 0; i < 5; i++) {
            assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
            clock.advance(2 * SECOND);
            probe.mark();
            keeper.tick();
        }
        assertThat(known(keeper, keeper.stamp()).shiftNs()).isEqualTo(-600 * SECOND);
    }

    @Test
    void collectorAgainstTheKernel_isBelievedWhereTheOperatorSaysSo() {
        probe.kernelSays(SyncProbe.KernelWord.Says.SYNCHRONIZED);
        ClockKeeper keeper = keeper(1);
        keeper.compared(new ClockOffset(HOUR, 1_000_000));
        assertThat(keeper.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);

        trust = ClockTrust.COLLECTOR;
        ClockKeeper obedient = keeper(2);
        assertThat(obedient.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
        obedient.compared(new ClockOffset(HOUR, 1_000_000));
        clock.advance(2 * SECOND);
        obedient.tick();
        assertThat(obedient.quality()).isEqualTo(ClockKeeper.Quality.WRONG);
        assertThat(known(obedient, obedient.stamp()).shiftNs()).isEqualTo(HOUR);

        trust = ClockTrust.MACHINE;
        probe.kernelSays(SyncProbe.KernelWord.Says.NOTHING);
        probe.mark();
        ClockKeeper proud = keeper(3);
        proud.compared(new ClockOffset(HOUR, 1_000_000));
        assertThat(proud.quality()).isEqualTo(ClockKeeper.Quality.RIGHT);
    }
}
