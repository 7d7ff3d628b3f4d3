package io.tributary.agent.clock;

import io.tributary.config.Default;
import java.nio.file.Path;
import java.util.List;

/**
 * Whom the agent asks for the time; section {@code clock}.
 *
 * @param marks files that a time service touches whenever it has set or checked the clock
 */
public record ClockOptions(
        @Default("auto") ClockTrust trust,
        @Default("[/run/systemd/timesync/synchronized]") List<Path> marks) {
    public ClockOptions {
        marks = List.copyOf(marks);
    }
}
