package io.tributary.agent.command;

/**
 * How a command ended.
 *
 * @param detail a sentence for people, or what was asked for
 * @param timeNs the agent's clock
 */
public record CommandResult(String id, Outcome outcome, String detail, long timeNs) {}
