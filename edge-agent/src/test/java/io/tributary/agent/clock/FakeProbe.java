package io.tributary.agent.clock;

import org.jspecify.annotations.Nullable;

/** A machine whose time service and kernel say what the test wants; the kernel answers at once. */
public final class FakeProbe implements SyncProbe {
    private final Clock clock;
    private volatile long markedNs = NEVER;
    private volatile KernelWord.Says says = KernelWord.Says.NOTHING;
    private volatile @Nullable KernelWord word;

    public FakeProbe(Clock clock) {
        this.clock = clock;
    }

    /** The time service touches its mark. */
    public void mark() {
        markedNs = clock.wallNs();
    }

    public void kernelSays(KernelWord.Says answer) {
        says = answer;
        word = null;
    }

    @Override
    public long markedNs() {
        return markedNs;
    }

    @Override
    public @Nullable KernelWord kernel() {
        return word;
    }

    @Override
    public void askKernel() {
        word = new KernelWord(says, clock.monotonicNs());
    }
}
