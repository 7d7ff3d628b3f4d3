package io.tributary.collector.commands;

import org.jspecify.annotations.Nullable;

/**
 * What an agent is wanted to be, and what it says about it.
 *
 * @param version grows with every change
 * @param yaml empty: the agent's own file shall hold
 * @param report of the latest version that it has reported on
 */
public record ConfigEntry(
        String agent,
        long version,
        String yaml,
        String by,
        long desiredNs,
        @Nullable ConfigReport report) {
    boolean isReported() {
        return report != null && report.version() == version;
    }
}
