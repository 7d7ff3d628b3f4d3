package io.tributary.collector.commands;

import java.util.List;

/**
 * What became of a desired configuration.
 *
 * @param reasons why it was not applied: one problem each, with line and column
 * @param appliedVersion that is in effect; 0: the agent's own file
 * @param timeNs when the collector heard of it
 */
public record ConfigReport(
        long version, boolean applied, List<String> reasons, long appliedVersion, long agentTimeNs, long timeNs) {
    public ConfigReport {
        reasons = List.copyOf(reasons);
    }
}
