package io.tributary.agent.clock;

import org.jspecify.annotations.Nullable;

/** What the machine says of its own clock. Any thread; cheap. */
public interface SyncProbe {
    /** No mark was ever left. */
    long NEVER = Long.MIN_VALUE;

    /** Of a machine that says nothing: only the collector knows the time. */
    SyncProbe SILENT = new SyncProbe() {
        @Override
        public long markedNs() {
            return NEVER;
        }

        @Override
        public KernelWord kernel() {
            return new KernelWord(KernelWord.Says.NOTHING, Long.MAX_VALUE);
        }

        @Override
        public void askKernel() {
            // There is nobody to ask.
        }
    };

    /**
     * What the kernel said last.
     *
     * @param askedNs monotonic time at which it was asked; what was said before a step of the clock is void
     */
    record KernelWord(Says says, long askedNs) {
        /** The kernel forgets that it was synchronized when somebody sets the clock, until a time service corrects it. */
        public enum Says {
            SYNCHRONIZED,
            UNSYNCHRONIZED,
            /** No program is there that could ask it. */
            NOTHING
        }
    }

    /** By the wall clock, when a time service last left a mark that it has set or checked the clock; or {@link #NEVER}. */
    long markedNs();

    /** Null until it was asked for the first time. */
    @Nullable
    KernelWord kernel();

    /** Has the kernel asked anew, beside; {@link #kernel} tells later. */
    void askKernel();
}
