package io.tributary.agent.clock;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the machine says that its clock is kept right. Any thread; cheap. */
@FunctionalInterface
public interface SyncProbe {
    /** What the machine knows. */
    enum Answer {
        /** Something keeps the clock and has set it. */
        SYNCHRONIZED,
        /** Nobody says so; the clock may be right all the same. */
        UNKNOWN
    }

    Answer ask();

    /**
     * By files that time services leave. The kernel's own flag (adjtimex) cannot be read from Java 17 without native code;
     * services that leave no file are UNKNOWN, and then the collector's clock decides.
     *
     * @param root {@code /}, or another one in tests
     */
    static SyncProbe files(Path root) {
        List<Path> marks = List.of(
                // systemd-timesyncd, made at its first synchronization after boot
                root.resolve("run/systemd/timesync/synchronized"),
                // images with chrony or ntpd: made by their hook or by systemd-time-wait-sync
                root.resolve("run/systemd/timesync/clock-synchronized"));
        return () -> marks.stream().anyMatch(Files::exists) ? Answer.SYNCHRONIZED : Answer.UNKNOWN;
    }
}
