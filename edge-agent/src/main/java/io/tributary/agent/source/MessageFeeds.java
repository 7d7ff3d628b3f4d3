package io.tributary.agent.source;

import io.tributary.model.BatchBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;

/**
 * All feeds of a source, on one executor of one thread, which everything here and in {@link MessageFeed} is called on.
 * Bounds what they hold together.
 */
public final class MessageFeeds {
    final String source;
    final Durability durability;
    final Intake intake;
    final ScheduledExecutorService executor;
    final BatchBuilder builder = new BatchBuilder();

    private final long bytesMax;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private volatile long bytes;

    /**
     * @param executor of one thread, the one that feeds are called on
     * @param bytesMax payloads of all feeds; a message that comes when there is less is still taken, so that it is the
     *     readers' duty to stop reading when {@link #isFull}
     */
    public MessageFeeds(
            String source, Durability durability, Intake intake, ScheduledExecutorService executor, long bytesMax) {
        this.source = source;
        this.durability = durability;
        this.intake = intake;
        this.executor = executor;
        this.bytesMax = bytesMax;
    }

    /** @param changed called when the feed has become shorter, or has been refused for later */
    public MessageFeed feed(Runnable changed) {
        return new MessageFeed(this, changed);
    }

    public boolean isFull() {
        return bytes >= bytesMax;
    }

    /** Called once, when there is room again. */
    public void whenRoom(Runnable resume) {
        waiting.add(resume);
    }

    /** Payloads that are not settled; any thread. */
    public long bytes() {
        return bytes;
    }

    // One writer: the executor's thread.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void held(long more) {
        bytes += more;
        if (more < 0 && bytes < bytesMax / 2) {
            for (int i = waiting.size(); i > 0; i--) {
                waiting.remove().run();
            }
        }
    }
}
