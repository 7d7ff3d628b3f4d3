package io.tributary.collector;

import io.tributary.config.Default;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Section {@code security} of the configuration; without it there is no TLS, and nobody is asked who he is.
 *
 * @param directory made by {@code cloud-collector ca init}
 * @param agentCertificates how long an agent's certificate is valid; agents renew theirs after two thirds of it
 * @param requestsPerSecondMax of one token of the HTTP API
 */
record SecurityConfig(
        Path directory,
        @Default("90d") Duration agentCertificates,
        @Default("200") int requestsPerSecondMax) {
    SecurityConfig {
        if (agentCertificates.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("agent-certificates is " + agentCertificates + ", expected at least 1m");
        }
        if (requestsPerSecondMax < 1) {
            throw new IllegalArgumentException(
                    "requests-per-second-max is " + requestsPerSecondMax + ", expected at least 1");
        }
    }
}
