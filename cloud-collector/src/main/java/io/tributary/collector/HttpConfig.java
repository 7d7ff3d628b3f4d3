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

    /** Whether readings could be overheard: off loopback, without being asked for in so many words. */
    boolean needsTls() {
        return !listen.isLoopback() && !allowPlaintextOffLoopback;
    }
}
