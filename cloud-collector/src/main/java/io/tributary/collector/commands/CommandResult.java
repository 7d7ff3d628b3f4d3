package io.tributary.collector.commands;

/**
 * How a command ended.
 *
 * @param outcome {@code done}, {@code failed}, {@code refused}, {@code unsupported}, {@code expired} or {@code unknown}
 * @param agentTimeNs by the agent's clock; 0: the collector decided
 * @param timeNs when the collector knew
 */
public record CommandResult(String outcome, String detail, long agentTimeNs, long timeNs) {}
