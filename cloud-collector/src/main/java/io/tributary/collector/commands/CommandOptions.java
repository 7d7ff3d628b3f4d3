package io.tributary.collector.commands;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import java.time.Duration;

/**
 * Section {@code commands} of the configuration.
 *
 * @param pendingMax commands per agent that have no result yet
 * @param pendingBytesMax of these together
 * @param payloadBytesMax of one
 * @param expiryMax how far ahead a command may expire
 * @param kept commands per agent whose result can still be read; the oldest go first
 * @param configBytesMax of a desired configuration
 */
public record CommandOptions(
        @Default("100") int pendingMax,
        @Default("1MiB") ByteSize pendingBytesMax,
        @Default("64KiB") ByteSize payloadBytesMax,
        @Default("7d") Duration expiryMax,
        @Default("1000") int kept,
        @Default("256KiB") ByteSize configBytesMax) {
    /** What the agent remembers without result, and what a session can queue. */
    private static final int PENDING_MAX = 250;

    public CommandOptions {
        if (pendingMax < 1 || pendingMax > PENDING_MAX) {
            throw new IllegalArgumentException("pending-max is " + pendingMax + ", expected 1 to " + PENDING_MAX);
        }
        if (payloadBytesMax.bytes() > 256 << 10) {
            throw new IllegalArgumentException("payload-bytes-max is " + payloadBytesMax + ", expected at most 256KiB");
        }
        if (pendingBytesMax.bytes() < payloadBytesMax.bytes()) {
            throw new IllegalArgumentException("pending-bytes-max is " + pendingBytesMax
                    + ", expected at least payload-bytes-max, " + payloadBytesMax);
        }
        if (expiryMax.toSeconds() < 1 || expiryMax.toDays() > 365) {
            throw new IllegalArgumentException("expiry-max is " + expiryMax + ", expected 1s to 365d");
        }
        if (kept < 0 || kept > 100_000) {
            throw new IllegalArgumentException("kept is " + kept + ", expected 0 to 100000");
        }
        if (configBytesMax.bytes() > 1 << 20) {
            throw new IllegalArgumentException("config-bytes-max is " + configBytesMax + ", expected at most 1MiB");
        }
    }
}
