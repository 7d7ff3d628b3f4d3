package io.tributary.agent.outbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Dead letters on their way into the next groups: beside the readings, not in their queue. Each source has a queue of its
 * own, and a group takes letters from them in turn, as many as the rate lets. So a source that understands nothing fills
 * its own queue only, and makes no group of others' readings longer than the rate says.
 *
 * <pre>
 * source a -> [ letters, at most sourceBytesMax ] --\
 * source b -> [ letters                         ] ---+-- in turn, while there are tokens --> group
 * source c -> [ one letter, now and then        ] --/    whose turn was long ago: without one
 * </pre>
 *
 * <p>Guarded by whoever owns it.
 */
final class LetterLane {
    /** Of a second: how much may go at once after a pause. */
    private static final int BURSTS_PER_SECOND = 16;
    /** A source that had no turn for so long need not wait for what others use up. */
    private static final long OVERDUE_NS = 100_000_000;

    private static final double SECOND_NS = 1e9;

    private final long sourceBytesMax;
    private final long bytesPerSecond;
    /** As many as sources have ever had a letter. */
    private final Map<String, Letters> bySource = new HashMap<>();
    /** Those with letters, whose turn is next first. */
    private final Deque<Letters> turns = new ArrayDeque<>();

    private long bytes;
    private double tokens;
    private long filledNs;

    private static final class Letters {
        final Deque<Waiting> queue = new ArrayDeque<>();
        long bytes;
        long turnNs;

        Letters(long turnNs) {
            this.turnNs = turnNs;
        }
    }

    /**
     * @param sourceBytesMax that wait, of each source; a single letter may be larger
     * @param bytesPerSecond of all sources
     * @param nowNs of the monotonic clock
     */
    LetterLane(long sourceBytesMax, long bytesPerSecond, long nowNs) {
        this.sourceBytesMax = sourceBytesMax;
        this.bytesPerSecond = bytesPerSecond;
        this.filledNs = nowNs;
        this.tokens = (double) bytesPerSecond / BURSTS_PER_SECOND;
    }

    /** @return false when the source has no room */
    boolean add(Waiting letter) {
        Letters letters = bySource.computeIfAbsent(letter.source(), source -> new Letters(filledNs - OVERDUE_NS));
        if (letters.bytes > 0 && letters.bytes + letter.bytes() > sourceBytesMax) {
            return false;
        }
        if (letters.queue.isEmpty()) {
            turns.add(letters);
        }
        letters.queue.add(letter);
        letters.bytes += letter.bytes();
        bytes += letter.bytes();
        return true;
    }

    boolean isEmpty() {
        return turns.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /**
     * Moves what may go at this moment.
     *
     * @param all without regard to the rate
     */
    void take(List<Waiting> group, long nowNs, boolean all) {
        refill(nowNs);
        for (int i = turns.size(); i > 0; i--) {
            Letters next = turns.remove();
            if (nowNs - next.turnNs >= OVERDUE_NS) {
                turn(next, group, nowNs);
            } else {
                turns.add(next);
            }
        }
        while (!turns.isEmpty() && (all || tokens > 0)) {
            turn(turns.remove(), group, nowNs);
        }
    }

    private void turn(Letters letters, List<Waiting> group, long nowNs) {
        Waiting letter = letters.queue.remove();
        group.add(letter);
        letters.turnNs = nowNs;
        letters.bytes -= letter.bytes();
        bytes -= letter.bytes();
        tokens -= letter.bytes();
        if (!letters.queue.isEmpty()) {
            turns.add(letters);
        }
    }

    /** Gives what the rate has earned since. */
    void refill(long nowNs) {
        double most = (double) bytesPerSecond / BURSTS_PER_SECOND;
        tokens = Math.min(most, tokens + (nowNs - filledNs) / SECOND_NS * bytesPerSecond);
        filledNs = nowNs;
    }

    /** How long after the last {@link #refill} a group of letters only has to wait; 0 when it need not. */
    long pauseNs() {
        for (Letters each : turns) {
            if (filledNs - each.turnNs >= OVERDUE_NS) {
                return 0;
            }
        }
        return tokens > 0 ? 0 : Math.min(OVERDUE_NS, (long) (-tokens / bytesPerSecond * SECOND_NS) + 1);
    }
}
