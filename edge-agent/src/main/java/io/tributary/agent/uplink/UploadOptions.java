package io.tributary.agent.uplink;

import io.tributary.agent.outbox.ChannelClass;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code forward.upload}: when a metered link may be used, and how much of it.
 *
 * @param windows times of the day at which it may; none: always
 * @param bytesPerDay of batches that may be sent in a day; null: as many as there are
 * @param timeZone whose days and times these are
 * @param urgentPriority batches of classes from this priority on are sent at any time; null: none
 */
public record UploadOptions(
        @Default("[]") List<UploadWindow> windows,
        @Nullable ByteSize bytesPerDay,
        @Default("UTC") ZoneId timeZone,
        @Nullable Integer urgentPriority) {
    /** Less would not carry one batch and what it is persisted in steps of. */
    private static final long BYTES_MIN = 1 << 20;

    /** Without any bound. */
    static final UploadOptions UNBOUND = new UploadOptions(List.of(), null, ZoneId.of("UTC"), null);

    public UploadOptions {
        windows = List.copyOf(windows);
        if (bytesPerDay != null && bytesPerDay.bytes() < BYTES_MIN) {
            throw new IllegalArgumentException(
                    "bytes-per-day is " + bytesPerDay + ", expected at least " + new ByteSize(BYTES_MIN));
        }
        if (urgentPriority != null
                && (urgentPriority <= ChannelClass.DEFAULT_PRIORITY || urgentPriority >= ChannelClass.PRIORITIES)) {
            throw new IllegalArgumentException("urgent-priority is " + urgentPriority + ", expected "
                    + (ChannelClass.DEFAULT_PRIORITY + 1) + " to " + (ChannelClass.PRIORITIES - 1)
                    + ", a priority above that of channels without a class");
        }
    }
}
