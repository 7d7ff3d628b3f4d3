package io.tributary.agent.command;

/** What the agent itself can be told to do; called on the thread {@code commands}. May be done again without harm. */
public interface AgentActions {
    /** @return how it went; never null, throws nothing */
    CommandResult run(String id, String action);
}
