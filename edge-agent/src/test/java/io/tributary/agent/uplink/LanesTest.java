package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.outbox.EncodedBatch;
import io.tributary.agent.outbox.FlakyOutbox;
import io.tributary.agent.outbox.OutboxRecord;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Live and backlog together on a link that is a queue with a rate and a delay. */
final class LanesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;
    private static final int BATCH = 2 << 10;

    private record Sent(long atNs, long backNs, int bytes) {}

    private final FlakyOutbox outbox = new FlakyOutbox(1, 0);
    private final Lanes lanes = new Lanes(outbox, new Stamps(null, new ManualClock()));
    private final ArrayDeque<Sent> way = new ArrayDeque<>();
    private long liveBytes;
    private long backlogBytes;
    private long worstLiveWaitNs;
    private long freeNs;
    private long inFlight;

    private void append(int batches) throws Exception {
        for (int i = 0; i < batches; i++) {
            outbox.append(List.of(new EncodedBatch(1, 1, 1, 1, new byte[BATCH])), List.of(), true);
        }
    }

    /** @param liveEveryNs a batch of it */
    private void run(long seconds, long bytesPerSecond, long liveEveryNs, long credit) throws Exception {
        lanes.open(outbox.stats());
        long liveAtNs = 0;
        for (long now = 0; now < seconds * SECOND; now += MILLI) {
            if (now >= liveAtNs) {
                append(1);
                liveAtNs += liveEveryNs;
            }
            while (!way.isEmpty() && way.element().backNs <= now) {
                Sent back = way.remove();
                inFlight -= back.bytes;
                lanes.acknowledged(now, back.atNs, back.bytes, credit);
                lanes.acknowledgementEnds();
            }
            while (send(now, bytesPerSecond, credit)) {
                // send does the work
            }
        }
    }

    /** As {@link Sending} does. */
    private boolean send(long now, long bytesPerSecond, long credit) throws Exception {
        LaneCursor lane = lanes.next(inFlight);
        if (lane == null) {
            return false;
        }
        OutboxRecord batch = Objects.requireNonNull(lane.peek());
        if (inFlight + BATCH > credit) {
            return false;
        }
        if (lane.lane() == Lane.LIVE) {
            liveBytes += BATCH;
            worstLiveWaitNs = now < 20 * SECOND ? 0 : Math.max(worstLiveWaitNs, freeNs - now);
        } else {
            backlogBytes += BATCH;
        }
        freeNs = Math.max(freeNs, now) + BATCH * SECOND / bytesPerSecond;
        way.add(new Sent(now, freeNs + 50 * MILLI, BATCH));
        inFlight += BATCH;
        lanes.take(lane, 1, batch);
        return true;
    }

    /** What was promised: every fourth byte is the backlog's under any live load. */
    @Test
    void liveAboveTheLinksRate_leavesTheBacklogItsShare() throws Exception {
        append(1_000);
        run(60, 64_000, 20 * MILLI, 256 << 10);
        assertThat(liveBytes).isGreaterThan(60 * 64_000 / 2);
        assertThat((double) backlogBytes / (backlogBytes + liveBytes)).isBetween(0.2, 0.3);
    }

    /** The share is no reason to let live wait where both have room. */
    @Test
    void liveBelowTheLinksRate_goesAtOnce_andBacklogFillsTheRest() throws Exception {
        append(1_000);
        run(60, 64_000, 500 * MILLI, 256 << 10);
        assertThat(worstLiveWaitNs).isLessThan(700 * MILLI);
        assertThat(liveBytes).isEqualTo(120L * BATCH);
        assertThat(backlogBytes).isEqualTo(1_000L * BATCH);
    }
}
