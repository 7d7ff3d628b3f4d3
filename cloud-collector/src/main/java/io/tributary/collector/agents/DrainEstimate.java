package io.tributary.collector.agents;

/**
 * When the backlog of a connected agent will be gone, from what was received between its status messages.
 *
 * @param readingsPerSecond received, less what the agent accepted anew
 * @param seconds queued readings over that pace; positive infinity when the backlog grows
 */
public record DrainEstimate(double readingsPerSecond, double seconds) {}
