package io.tributary.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process made the machine write to storage: flash wears by it. */
final class FlashUse {
    private static final Path IO = Path.of("/proc/self/io");
    private static final String WRITTEN = "write_bytes: ";

    private FlashUse() {}

    /** Since the start of the process, by Linux's count; 0 where there is none. */
    static long bytes() {
        try {
            for (String line : Files.readString(IO, StandardCharsets.US_ASCII).split("\n")) {
                if (line.startsWith(WRITTEN)) {
                    return Long.parseLong(line.substring(WRITTEN.length()).trim());
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0; // not Linux, or not allowed
        }
        return 0;
    }
}
