package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** Against a link that is a queue with a rate and a delay. */
final class PaceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int BATCH = 8 << 10;

    private record Sent(long atNs, long backNs) {}

    private long worstWaitNs;
    private long carried;

    private Pace drain(long bytesPerSecond, long roundTripNs, long seconds, long credit) {
        Pace pace = new Pace();
        ArrayDeque<Sent> way = new ArrayDeque<>();
        long now = 0;
        long freeNs = 0;
        long inFlight = 0;
        while (now < seconds * SECOND) {
            boolean full = true;
            while (inFlight + BATCH <= Math.min(credit, pace.windowBytes())) {
                freeNs = Math.max(freeNs, now) + BATCH * SECOND / bytesPerSecond;
                if (now > 20 * SECOND) {
                    worstWaitNs = Math.max(worstWaitNs, freeNs - now);
                }
                way.add(new Sent(now, freeNs + roundTripNs));
                inFlight += BATCH;
            }
            Sent first = way.remove();
            now = first.backNs;
            inFlight -= BATCH;
            carried += BATCH;
            pace.acknowledged(now, first.atNs, BATCH, full, credit);
        }
        return pace;
    }

    @Test
    void slowLink_isFull_andLiveWaitsLittle() {
        drain(250_000, 100_000_000L, 600, 8 << 20);
        assertThat(worstWaitNs).isLessThan(800_000_000L);
        assertThat(carried).isGreaterThan(250_000L * 600 * 9 / 10);
    }

    @Test
    void satellite_isFullInSpiteOfItsDelay() {
        drain(1_000_000, 700_000_000L, 120, 8 << 20);
        assertThat(carried).isGreaterThan(1_000_000L * 120 * 8 / 10);
        // What is told a round trip late cannot be steered closer.
        assertThat(worstWaitNs).isLessThan(SECOND);
    }

    @Test
    void fastLink_getsWhatCreditAllows() {
        Pace pace = drain(200_000_000, 1_000_000L, 5, 4 << 20);
        assertThat(pace.windowBytes()).isGreaterThanOrEqualTo(1 << 20);
        assertThat(carried).isGreaterThan(200_000_000L * 5 * 8 / 10);
    }
}
