package io.tributary.agent.uplink;

import io.tributary.config.Default;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code forward} of the configuration.
 *
 * @param reconnectMin bound of the first random delay after a failure
 * @param reconnectMax the bound doubles up to this
 * @param welcomeTimeout from the hello to the collector's answer
 * @param progressTimeout without an acknowledgement while some is due the session is given up
 * @param statusInterval how often the collector is told of the backlog
 * @param drainTimeout how long a clean stop waits for the outbox to empty
 * @param upload for a metered link; null: it may be used at any time
 */
public record ForwarderOptions(
        @Default("500ms") Duration reconnectMin,
        @Default("60s") Duration reconnectMax,
        @Default("10s") Duration welcomeTimeout,
        @Default("30s") Duration progressTimeout,
        @Default("10s") Duration statusInterval,
        @Default("10s") Duration drainTimeout,
        @Nullable UploadOptions upload) {
    public ForwarderOptions {
        positive("reconnect-min", reconnectMin);
        positive("welcome-timeout", welcomeTimeout);
        positive("progress-timeout", progressTimeout);
        positive("status-interval", statusInterval);
        if (reconnectMax.compareTo(reconnectMin) < 0) {
            throw new IllegalArgumentException(
                    "reconnect-max is " + reconnectMax + ", expected at least reconnect-min, " + reconnectMin);
        }
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("drain-timeout is " + drainTimeout + ", expected 0 or more");
        }
    }

    UploadOptions uploadOrUnbound() {
        return upload == null ? UploadOptions.UNBOUND : upload;
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " is " + value + ", expected more than 0");
        }
    }
}
