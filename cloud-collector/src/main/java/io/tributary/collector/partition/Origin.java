package io.tributary.collector.partition;

import io.tributary.model.Names;

/**
 * One life of an agent's outbox: sequences are unique and ascending within it.
 *
 * @param epoch grows with every fresh outbox of the agent
 */
public record Origin(String agent, long epoch) implements Comparable<Origin> {
    public Origin {
        Names.check("agent ID", agent);
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch " + epoch + " of agent " + agent + ", expected at least 0");
        }
    }

    @Override
    public int compareTo(Origin other) {
        int byAgent = agent.compareTo(other.agent);
        return byAgent != 0 ? byAgent : Long.compare(epoch, other.epoch);
    }

    @Override
    public String toString() {
        return agent + "@" + epoch;
    }
}
