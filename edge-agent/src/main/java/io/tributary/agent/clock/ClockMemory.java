package io.tributary.agent.clock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be known of time after a reboot, in a small file beside the outbox: the latest time seen, below which no clock
 * can be right, and for each boot with readings that wait how its monotonic clock relates to true time.
 *
 * <pre>
 * seen NANOSECONDS
 * boot ID ORIGIN ERROR FOUND WHO       true time of monotonic 0, found at that monotonic time by machine or collector
 * </pre>
 */
final class ClockMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ClockMemory.class);
    /** Boots whose readings may still wait; a box that reboots more often than that while offline loses the oldest. */
    private static final int BOOTS_MAX = 64;

    /** A quartz in the sun runs wrong by some 50 ppm; what is measured is that much less certain after a while, or before. */
    private static final long DRIFT_PPM = 50;

    /**
     * True time when the boot's monotonic clock was 0.
     *
     * @param foundNs monotonic time at which that was found
     * @param compared by the collector's clock; else the machine said so
     */
    record Origin(long trueNs, long errorNs, long foundNs, boolean compared) {
        /** Bound of what is known of another moment. */
        long errorNs(long monotonicNs) {
            return errorNs + Math.abs(monotonicNs - foundNs) / 1_000_000 * DRIFT_PPM;
        }
    }

    private final Path file;
    private final Map<Long, Origin> origins = new LinkedHashMap<>();
    private long seenNs;

    private ClockMemory(Path file) {
        this.file = file;
    }

    /** What cannot be read is as if it had never been known. */
    static ClockMemory load(Path file) {
        ClockMemory memory = new ClockMemory(file);
        if (!Files.exists(file)) {
            return memory;
        }
        try {
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n")) {
                String[] words = line.trim().split(" ");
                if (words.length == 2 && words[0].equals("seen")) {
                    memory.seenNs = Long.parseLong(words[1]);
                } else if ((words.length == 4 || words.length == 6) && words[0].equals("boot")) {
                    memory.origins.put(
                            Long.parseUnsignedLong(words[1], 16),
                            new Origin(
                                    Long.parseLong(words[2]),
                                    Long.parseLong(words[3]),
                                    words.length == 6 ? Long.parseLong(words[4]) : 0,
                                    words.length == 6 && words[5].equals("collector")));
                }
            }
        } catch (IOException | NumberFormatException e) {
            LOG.warn("{} cannot be read: {}", file, e.getMessage());
        }
        return memory;
    }

    long seenNs() {
        return seenNs;
    }

    void seen(long ns) {
        seenNs = Math.max(seenNs, ns);
    }

    /** What was seen before was wrong. */
    void seenIs(long ns) {
        seenNs = ns;
    }

    @org.jspecify.annotations.Nullable
    Origin origin(long boot) {
        return origins.get(boot);
    }

    void origin(long boot, Origin origin) {
        origins.remove(boot);
        origins.put(boot, origin);
        if (origins.size() > BOOTS_MAX) {
            origins.remove(origins.keySet().iterator().next());
        }
    }

    /** Written aside and renamed: there is always a whole one. */
    void save() {
        StringBuilder text = new StringBuilder("seen " + seenNs + "\n");
        origins.forEach((boot, origin) -> text.append("boot ")
                .append(Long.toHexString(boot))
                .append(' ')
                .append(origin.trueNs())
                .append(' ')
                .append(origin.errorNs())
                .append(' ')
                .append(origin.foundNs())
                .append(origin.compared() ? " collector\n" : " machine\n"));
        Path aside = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.writeString(aside, text, StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} cannot be written, a reboot would forget it: {}", file, e.getMessage());
        }
    }
}
