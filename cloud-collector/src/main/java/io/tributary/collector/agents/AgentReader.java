package io.tributary.collector.agents;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The read side of the agent directory: called by the HTTP and gRPC query endpoints, on any thread. */
public interface AgentReader {
    /** Every agent ever met, connected or not, by ID. */
    List<AgentSummary> agents();

    /** Null when no such agent was ever met. */
    @Nullable
    AgentSummary agent(String id);

    /** The account over all epochs; null when no such agent was ever met. */
    @Nullable
    GapReport gaps(String id);
}
