package io.tributary.agent;

import io.tributary.config.Default;
import io.tributary.config.HostPort;

/**
 * Section {@code collector} of the configuration: where readings go.
 *
 * @param allowPlaintextOffLoopback must be true for a collector on another machine
 */
record CollectorTarget(
        @Default("127.0.0.1:9440") HostPort address,
        @Default("false") boolean allowPlaintextOffLoopback) {
    CollectorTarget {
        if (!allowPlaintextOffLoopback && !address.isLoopback()) {
            throw new IllegalArgumentException("address is " + address
                    + ", to which readings would travel without TLS; expected a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
    }
}
