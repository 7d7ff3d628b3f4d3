package io.tributary.collector.ingest;

import java.util.regex.Pattern;

/** Why readings are not stored: the words in accounts, acknowledgements, dead letters and metrics. */
final class Causes {
    /** The bytes are not a batch, or break a limit. */
    static final String UNDECODABLE_BATCH = "undecodable-batch";
    /** Outbox, envelope and content do not count the same readings. */
    static final String COUNT_MISMATCH = "reading-count-mismatch";
    /** Event time beyond the tolerance ahead of the collector's clock. */
    static final String FUTURE_EVENT_TIME = "future-event-time";
    /** The same, and the agent's own stamp is as far ahead: its clock is wrong, not the device's. */
    static final String FUTURE_AGENT_CLOCK = "future-agent-clock";
    /** No event time, or one that no clock can have shown. */
    static final String IMPOSSIBLE_EVENT_TIME = "impossible-event-time";

    /** The agent may not write this device. */
    static final String FORBIDDEN_DEVICE = "forbidden-device";

    static final String TOO_MANY_DEVICES = "too-many-devices";
    static final String TOO_MANY_CHANNELS = "too-many-channels";

    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]{0,63}");

    private Causes() {}

    /** A cause that an agent tells, as a word that is safe in metrics and URLs; "other" when it is none. */
    static String told(String cause) {
        return WORD.matcher(cause).matches() ? cause : "other";
    }
}
