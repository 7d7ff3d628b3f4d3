package io.tributary.agent.decode;

/** How a payload writes times. */
public enum TimeFormat {
    /**
     * A number by its size: seconds below 1e11 (the year 5138), milliseconds below 1e14, microseconds below 1e17, then
     * nanoseconds; any other text as RFC 3339.
     */
    AUTO,
    /** Since 1970, maybe with a fraction; as are the next three. */
    S,
    MS,
    US,
    NS,
    /** {@code 2026-02-03T04:05:06.789Z}; without an offset it needs a zone. */
    RFC3339
}
