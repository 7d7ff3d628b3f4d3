package io.tributary.agent.source;

/**
 * Why nothing was taken.
 *
 * @param cause a short word for metrics: {@code queue-full}, {@code outbox-full}, {@code storage-failed}, {@code
 *     stopping}, {@code too-large}, {@code unencodable}
 * @param detail a sentence with value and expectation
 * @param retryAfterMillis when to send it again; negative: never, it would be refused again
 */
public record Refusal(String cause, String detail, long retryAfterMillis) {
    public boolean isPermanent() {
        return retryAfterMillis < 0;
    }
}
