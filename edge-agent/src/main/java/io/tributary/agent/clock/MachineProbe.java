package io.tributary.agent.clock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Marks are files that time services touch; the kernel is asked by {@link KernelQuestion}. */
public final class MachineProbe implements SyncProbe {
    private final List<Path> marks;
    private final KernelQuestion question;

    /** @param marks the one that was touched last counts */
    public MachineProbe(List<Path> marks, KernelQuestion question) {
        this.marks = List.copyOf(marks);
        this.question = question;
    }

    @Override
    public long markedNs() {
        long latest = NEVER;
        for (Path mark : marks) {
            try {
                if (Files.exists(mark)) {
                    latest = Math.max(latest, Files.getLastModifiedTime(mark).to(TimeUnit.NANOSECONDS));
                }
            } catch (IOException e) {
                continue; // it went away between the two looks, or may not be read: it says nothing
            }
        }
        return latest;
    }

    @Override
    public @Nullable KernelWord kernel() {
        return question.word();
    }

    @Override
    public void askKernel() {
        question.ask();
    }
}
