package io.tributary.agent.source;

/** When a source's readings count as taken, and what can be lost of them afterwards. */
public enum Durability {
    /** After fsync: nothing is lost, also when power fails. */
    SYNCED,
    /** After the write reached the operating system: a crash of the agent loses nothing, power loss up to a second. */
    WRITTEN,
    /** As soon as they are queued in memory: any crash loses what was queued, up to {@code outbox.queue}. */
    MEMORY
}
