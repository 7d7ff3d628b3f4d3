package io.tributary.agent.uplink;

import io.tributary.agent.command.AgentCommand;

/** What the collector wants of the agent. Called on the forwarder's thread; must not block. */
public interface Downward {
    /** Hears nothing. */
    Downward NONE = new Downward() {
        @Override
        public void command(AgentCommand command) {
            // the collector's next attempt may find somebody who listens
        }

        @Override
        public void desiredConfig(long version, String yaml) {
            // as above
        }
    };

    /** The same one comes again until its result has arrived. */
    void command(AgentCommand command);

    /**
     * Comes again in every session until it is reported.
     *
     * @param yaml empty: the agent's own file holds
     */
    void desiredConfig(long version, String yaml);
}
