package io.tributary.agent.clock;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Which run of the machine this is: monotonic times of one boot can be compared, also between processes. */
public final class Boot {
    private Boot() {}

    /** From the kernel's boot ID; without one a number of this process, whose monotonic times nobody else understands. */
    public static long current() {
        try {
            String id = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII);
            return of(id.trim());
        } catch (IOException e) {
            return new SplittableRandom().nextLong() | 1;
        }
    }

    /** Never 0. */
    static long of(String id) {
        long hash = 0xcbf29ce484222325L;
        for (byte each : id.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash ^ each) * 0x100000001b3L;
        }
        return hash == 0 ? 1 : hash;
    }
}
