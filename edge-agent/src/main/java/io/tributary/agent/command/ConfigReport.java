package io.tributary.agent.command;

import java.util.List;

/**
 * What became of a desired configuration.
 *
 * @param version that was desired
 * @param reasons why it was not applied: one problem each, with line and column
 * @param appliedVersion that is in effect; 0: the agent's own file
 * @param timeNs the agent's clock
 */
public record ConfigReport(long version, boolean applied, List<String> reasons, long appliedVersion, long timeNs) {
    public ConfigReport {
        reasons = List.copyOf(reasons);
    }
}
