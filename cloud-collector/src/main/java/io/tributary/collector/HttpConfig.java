package io.tributary.collector;

import io.tributary.config.Default;
import io.tributary.config.HostPort;

/**
 * Section {@code http} of the configuration.
 *
 * @param allowPlaintextOffLoopback must be true for a listener that other machines can reach
 */
record HttpConfig(
        @Default("127.0.0.1:8480") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback) {
    HttpConfig {
        if (!allowPlaintextOffLoopback && !listen.isLoopback()) {
            throw new IllegalArgumentException("listen is " + listen
                    + ", which other machines can reach without TLS; expected a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
    }
}
