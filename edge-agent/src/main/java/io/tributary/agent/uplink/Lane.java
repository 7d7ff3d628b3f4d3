package io.tributary.agent.uplink;

/** Readings taken since the session began, or what waited before it. */
public enum Lane {
    LIVE,
    BACKLOG
}
