package io.tributary.agent.uplink;

import io.tributary.config.ByteSize;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a metered link may be used at this moment: by time of day, and by what was sent in this day.
 *
 * <p>What was sent is kept in {@code <outbox>.upload}, ahead in steps: after a crash up to a step too much counts as sent,
 * never too little. While the clock is not believed the gate counts on in the last known day, and windows are open: only the
 * collector may know what time it is. Of the forwarder's thread.
 */
final class UploadGate {
    private static final Logger LOG = LoggerFactory.getLogger(UploadGate.class);
    /** What the headers of a delivery take on the wire besides its batch: gRPC, HTTP/2, TLS, TCP. */
    private static final long DELIVERY_BYTES = 150;

    private static final long STEP_MIN = 64 << 10;
    private static final int STEPS_PER_DAY = 256;

    private final @Nullable Path file;
    private UploadOptions options;
    private LocalDate day = LocalDate.EPOCH;
    private long sentBytes;
    private long persistedBytes;
    private boolean inWindow = true;

    /** @param file null: nothing is kept */
    UploadGate(UploadOptions options, @Nullable Path file) {
        this.options = options;
        this.file = file;
        load();
    }

    void reconfigure(UploadOptions changed) {
        options = changed;
    }

    /**
     * Looks at the clock.
     *
     * @param wallNs the latest time that is believed
     * @param believed whether the clock can be
     */
    void look(long wallNs, boolean believed) {
        LocalDateTime now =
                LocalDateTime.ofInstant(Instant.ofEpochSecond(0, wallNs), Objects.requireNonNull(options.timeZone()));
        inWindow = !believed
                || options.windows().isEmpty()
                || options.windows().stream().anyMatch(window -> window.contains(now));
        LocalDate today = now.toLocalDate();
        // A clock that is corrected by hours around midnight must not give the same day twice.
        if (believed && (today.isAfter(day) || today.isBefore(day.minusDays(1)))) {
            day = today;
            sentBytes = 0;
            persist(0);
        }
    }

    /** Whether anything may be sent. */
    boolean isOpen() {
        return inWindow && !isSpent();
    }

    private boolean isSpent() {
        return sentBytes >= budgetBytes();
    }

    /** Why it is closed. */
    String whyClosed() {
        return inWindow
                ? "forward.upload.bytes-per-day, " + options.bytesPerDay() + ", is spent"
                : "it is outside of forward.upload.windows";
    }

    /** {@link Long#MAX_VALUE} without a budget. */
    long budgetBytes() {
        ByteSize budget = options.bytesPerDay();
        return budget == null ? Long.MAX_VALUE : budget.bytes();
    }

    AgentStatus.Upload status() {
        return new AgentStatus.Upload(!isOpen(), sentBytes, options.bytesPerDay() == null ? 0 : budgetBytes());
    }

    long sentBytes() {
        return sentBytes;
    }

    /** Batches from this priority on pass a closed gate; the largest number: none. */
    int urgentPriority() {
        Integer urgent = options.urgentPriority();
        return urgent == null ? Integer.MAX_VALUE : urgent;
    }

    boolean letsUrgentThrough() {
        return options.urgentPriority() != null;
    }

    /** A batch goes out. */
    void sent(int batchBytes) {
        sentBytes += batchBytes + DELIVERY_BYTES;
        if (options.bytesPerDay() != null && sentBytes > persistedBytes) {
            persist(sentBytes + Math.max(STEP_MIN, budgetBytes() / STEPS_PER_DAY));
        }
    }

    /** Keeps the exact count. */
    void close() {
        if (options.bytesPerDay() != null && sentBytes != persistedBytes) {
            persist(sentBytes);
        }
    }

    private void load() {
        if (file == null || !Files.exists(file)) {
            return;
        }
        try {
            String[] words =
                    Files.readString(file, StandardCharsets.US_ASCII).trim().split(" ");
            if (words.length != 2) {
                throw new IOException("expected a day and a number");
            }
            day = LocalDate.parse(words[0]);
            sentBytes = Long.parseLong(words[1]);
            persistedBytes = sentBytes;
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot be read, this day's budget begins anew: {}", file, e.toString());
        }
    }

    /** Written aside and renamed: there is always a whole one. */
    private void persist(long bytes) {
        persistedBytes = bytes;
        if (file == null || options.bytesPerDay() == null) {
            return;
        }
        Path aside = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.writeString(aside, day + " " + bytes + "\n", StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} cannot be written, a restart would forget what this day has sent: {}", file, e.toString());
        }
    }
}
