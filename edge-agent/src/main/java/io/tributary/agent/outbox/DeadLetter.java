package io.tributary.agent.outbox;

/**
 * Something a source could not understand.
 *
 * @param timeNs when, by the agent's clock
 * @param source the name of the source it came by
 * @param cause a short word, {@code malformed-line}
 * @param detail a sentence: value, expectation, place
 * @param payload the bytes as they came, cut to {@link OutboxOptions#deadLetterBytesMax}
 */
public record DeadLetter(long timeNs, String source, String cause, String detail, byte[] payload) {}
