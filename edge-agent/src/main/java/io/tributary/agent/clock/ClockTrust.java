package io.tributary.agent.clock;

/** Who is right when this machine says that its clock is synchronized and the collector's clock is another. */
public enum ClockTrust {
    /** The machine when its kernel says so, else the collector: a mark in the file system outlives what it tells. */
    AUTO,
    MACHINE,
    COLLECTOR
}
