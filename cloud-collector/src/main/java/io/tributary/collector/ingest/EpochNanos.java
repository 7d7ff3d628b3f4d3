package io.tributary.collector.ingest;

import java.time.Instant;

/** Instants as the {@code long} of all times inside: ns since the Unix epoch, good until the year 2262. */
final class EpochNanos {
    private EpochNanos() {}

    static long of(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
