package io.tributary.agent.clock;

import io.tributary.agent.clock.SyncProbe.KernelWord;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What of the machine's words still holds for the clock as it stands: nothing that was said before its last step does.
 * Guarded by its keeper.
 */
final class MachineClaim {
    private static final long ASK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long ASK_AGAIN_NS = TimeUnit.MINUTES.toNanos(10);
    /** timesyncd touches its mark at every answer of its server, at most 2048 s apart (PollIntervalMaxSec). */
    private static final long MARK_AGE_NS = TimeUnit.MINUTES.toNanos(40);
    /** Times of files are those of the kernel's last tick; and a step is noticed up to some seconds after it. */
    private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(10);

    /** From weak to strong. */
    enum Claim {
        NONE,
        /** A time service has left its mark; it may be older than something that nobody has seen. */
        MARK,
        KERNEL
    }

    private final SyncProbe probe;
    private Claim claim = Claim.NONE;
    private long lookedNs;
    private long kernelAskedNs;
    /** Monotonic; what was said before is void. */
    private long sinceNs;

    private boolean hasStepped;
    private long steppedToNs;
    private long markBeforeStepNs = SyncProbe.NEVER;
    private long lastMarkNs;

    MachineClaim(SyncProbe probe, long monotonicNs) {
        this.probe = probe;
        this.sinceNs = monotonicNs;
        this.lookedNs = monotonicNs - ASK_NS;
        this.kernelAskedNs = monotonicNs - ASK_NS;
        this.lastMarkNs = probe.markedNs();
    }

    /** The wall clock was set; to this. */
    void stepped(long wallNs, long monotonicNs) {
        hasStepped = true;
        sinceNs = monotonicNs;
        steppedToNs = wallNs;
        markBeforeStepNs = lastMarkNs;
        lookedNs = monotonicNs - ASK_NS;
        kernelAskedNs = monotonicNs - ASK_NS;
    }

    /** Whether the clock was set since the start, so that a claim may be of another clock than what was known before. */
    boolean hasStepped() {
        return hasStepped;
    }

    /** The collector says otherwise: the kernel is asked once more. */
    void doubted() {
        probe.askKernel();
    }

    /** @param isKnown whether the time is known anyhow: then nobody is asked again and again */
    Claim look(long wallNs, long monotonicNs, boolean isKnown) {
        if (monotonicNs - lookedNs >= ASK_NS) {
            lookedNs = monotonicNs;
            claim = judged(wallNs, monotonicNs, isKnown);
        }
        return claim;
    }

    private Claim judged(long wallNs, long monotonicNs, boolean isKnown) {
        lastMarkNs = probe.markedNs();
        @Nullable KernelWord word = probe.kernel();
        boolean isVoid = word == null || word.askedNs() < sinceNs;
        if (monotonicNs - kernelAskedNs >= (isVoid ? ASK_NS : ASK_AGAIN_NS) && (isVoid || !isKnown)) {
            kernelAskedNs = monotonicNs;
            probe.askKernel();
            word = probe.kernel();
            isVoid = word == null || word.askedNs() < sinceNs;
        }
        if (word == null || isVoid) {
            return Claim.NONE; // a second, until it has answered
        }
        return switch (word.says()) {
            case SYNCHRONIZED -> Claim.KERNEL;
            case UNSYNCHRONIZED -> Claim.NONE;
            case NOTHING -> isFresh(lastMarkNs, wallNs) ? Claim.MARK : Claim.NONE;
        };
    }

    private boolean isFresh(long mark, long wallNs) {
        boolean isOfThisClock = mark != SyncProbe.NEVER && mark <= wallNs + SLACK_NS && mark >= wallNs - MARK_AGE_NS;
        return isOfThisClock && (!hasStepped || (mark != markBeforeStepNs && mark >= steppedToNs - SLACK_NS));
    }
}
