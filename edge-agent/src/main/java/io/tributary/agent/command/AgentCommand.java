package io.tributary.agent.command;

import io.tributary.agent.source.DeviceCommand;

/**
 * A command as it came.
 *
 * @param id known to the agent until an hour after it expires
 * @param timeNs the collector's clock when it was sent
 * @param expiresNs on the same clock
 */
public record AgentCommand(String id, long timeNs, long expiresNs, Action action) {
    /** What shall be done. */
    public sealed interface Action {}

    /** @param source its name; empty: the first that takes it */
    public record ToSource(String source, DeviceCommand command) implements Action {}

    /** @param name {@code reload}, {@code diagnostics} */
    public record ToAgent(String name) implements Action {}

    /** Of a later version of the collector. */
    public record Unknown() implements Action {}
}
