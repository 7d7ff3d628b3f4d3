package io.tributary.agent.source;

import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.model.Names;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the configurations of sources have to hold; each method throws IllegalArgumentException with key, value and expectation. */
public final class Checks {
    private Checks() {}

    public static void name(String name) {
        Names.check("name", name);
    }

    /** A listener without TLS off loopback has to be wanted in so many words. */
    public static void listen(HostPort listen, @Nullable TlsFiles tls, boolean plaintextAllowed) {
        if (tls != null && tls.certificate() == null) {
            throw new IllegalArgumentException("tls has no certificate, which a listener has to show");
        }
        if (tls == null && !plaintextAllowed && !listen.isLoopback()) {
            throw new IllegalArgumentException("listen is " + listen
                    + ", which other machines can reach without TLS; expected a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
    }

    /** A connection without TLS to another machine has to be wanted in so many words. */
    public static void reach(String key, HostPort address, @Nullable TlsFiles tls, boolean plaintextAllowed) {
        if (tls == null && !plaintextAllowed && !address.isLoopback()) {
            throw new IllegalArgumentException(key + " is " + address
                    + ", another machine without TLS; expected tls, or allow-plaintext-off-loopback: true");
        }
    }

    public static void atLeastOne(String key, int value) {
        between(key, value, 1, Integer.MAX_VALUE);
    }

    public static void between(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected "
                    + (max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max));
        }
    }

    public static void between(String key, ByteSize value, long min, long max) {
        if (value.bytes() < min || value.bytes() > max) {
            throw new IllegalArgumentException(
                    key + " is " + value + ", expected " + new ByteSize(min) + " to " + new ByteSize(max));
        }
    }

    /** At least a millisecond. */
    public static void positive(String key, Duration value) {
        if (value.toMillis() < 1) {
            throw new IllegalArgumentException(key + " is " + value + ", expected more than 0");
        }
    }
}
