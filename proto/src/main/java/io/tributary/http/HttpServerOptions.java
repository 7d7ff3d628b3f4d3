package io.tributary.http;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import java.time.Duration;

/**
 * Limits of an {@link HttpServer}. What one client can hold is bounded before anything is allocated for it.
 *
 * @param connectionsMax open at a time; one more is told 503 and closed
 * @param requestLineBytesMax longer: 414
 * @param headerBytesMax all header fields together; longer: 431
 * @param bodyBytesMax longer: 413
 * @param idleTimeout a connection that has not begun a request is closed after this long
 * @param requestTimeout from the first byte of a request to its last; longer: 408
 * @param stallTimeout how long a client may leave a response unread before the connection is cut
 * @param drainTimeout how long {@link HttpServer#close()} lets running requests finish
 * @param workers threads that run handlers
 * @param queuedRequestsMax requests waiting for a worker; one more is told 503 with Retry-After
 */
public record HttpServerOptions(
        HostPort listen,
        @Default("200") int connectionsMax,
        @Default("8KiB") ByteSize requestLineBytesMax,
        @Default("16KiB") ByteSize headerBytesMax,
        @Default("1MiB") ByteSize bodyBytesMax,
        @Default("60s") Duration idleTimeout,
        @Default("15s") Duration requestTimeout,
        @Default("30s") Duration stallTimeout,
        @Default("5s") Duration drainTimeout,
        @Default("4") int workers,
        @Default("32") int queuedRequestsMax) {

    public HttpServerOptions {
        atLeastOne("connections-max", connectionsMax);
        atLeastOne("workers", workers);
        atLeastOne("queued-requests-max", queuedRequestsMax);
        between("request-line-bytes-max", requestLineBytesMax, 256, 1 << 20);
        between("header-bytes-max", headerBytesMax, 256, 1 << 20);
        between("body-bytes-max", bodyBytesMax, 0, 1 << 30);
        positive("idle-timeout", idleTimeout);
        positive("request-timeout", requestTimeout);
        positive("stall-timeout", stallTimeout);
        positive("drain-timeout", drainTimeout);
    }

    /** The default of everything but the address. */
    public static HttpServerOptions on(HostPort listen) {
        return new HttpServerOptions(
                listen,
                200,
                new ByteSize(8 << 10),
                new ByteSize(16 << 10),
                new ByteSize(1 << 20),
                Duration.ofSeconds(60),
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                4,
                32);
    }

    /** Other threads, everything else the same: a program that only shows its metrics needs one. */
    public HttpServerOptions withWorkers(int newWorkers, int newQueuedRequestsMax) {
        return new HttpServerOptions(
                listen,
                connectionsMax,
                requestLineBytesMax,
                headerBytesMax,
                bodyBytesMax,
                idleTimeout,
                requestTimeout,
                stallTimeout,
                drainTimeout,
                newWorkers,
                newQueuedRequestsMax);
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " is " + value + ", expected at least 1");
        }
    }

    private static void between(String key, ByteSize value, long min, long max) {
        if (value.bytes() < min || value.bytes() > max) {
            throw new IllegalArgumentException(
                    key + " is " + value + ", expected " + new ByteSize(min) + " to " + new ByteSize(max));
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " is " + value + ", expected more than 0");
        }
    }
}
