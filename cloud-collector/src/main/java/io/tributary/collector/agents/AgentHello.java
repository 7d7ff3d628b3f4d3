package io.tributary.collector.agents;

import java.util.List;

/**
 * How an agent introduced itself.
 *
 * @param nextSequence the sequence that its next reading will get
 * @param oldestSequence the oldest that is still in its outbox
 * @param address where it connected from
 */
public record AgentHello(
        String agent,
        long epoch,
        long nextSequence,
        long oldestSequence,
        String version,
        List<String> capabilities,
        String address) {
    public AgentHello {
        capabilities = List.copyOf(capabilities);
    }
}
