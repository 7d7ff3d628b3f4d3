package io.tributary.agent.outbox;

/**
 * What went without being sent, in readings since the outbox was made, by cause; and what thinning made of it.
 *
 * @param full dropped because there was no room
 * @param age older than {@code outbox.max-age}
 * @param thinned replaced by summaries
 * @param damaged unreadable on disk
 * @param summaries readings that stand for thinned ones; they have sequences of their own, so they are accepted, too
 */
public record Evictions(long full, long age, long thinned, long damaged, long summaries) {
    public static final Evictions NONE = new Evictions(0, 0, 0, 0, 0);

    public long total() {
        return full + age + thinned + damaged;
    }
}
