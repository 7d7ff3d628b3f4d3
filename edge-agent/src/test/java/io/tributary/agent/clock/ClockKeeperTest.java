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
    private volatile SyncProbe.Answer answer = SyncProbe.Answer.UNKNOWN;

    private ClockKeeper keeper(long boot) {
        return new ClockKeeper(clock, () -> answer, boot, BUILT, directory.resolve("outbox.clock"));
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
        answer = SyncProbe.Answer.SYNCHRONIZED;
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
        keeper.tick();
        clock.setWall(TRUTH + 10 * 365 * 24 * HOUR);
        assertThat(keeper.ageNowNs()).isEqualTo(TRUTH);
    }

    @Test
    void latestTimeSeen_isTheFloorAfterAReboot() {
        try (AutoCloseable first = keeper(1)::close) {
            assertThat(first).isNotNull();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
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
}
