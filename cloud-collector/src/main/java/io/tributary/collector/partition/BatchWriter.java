package io.tributary.collector.partition;

import io.tributary.model.SequenceRange;
import java.util.List;

/** The door for deliveries, called by ingest endpoints on any thread. */
public interface BatchWriter {
    /**
     * Queues an append: it loses what was received before, goes to the log with one fsync per group and to the heads,
     * and then the callback is told. Blocks for a bounded time while the queue is full.
     *
     * @return false when the queue stayed full or the engine is closing: nothing was taken, the callback will not be
     *     told
     */
    boolean append(Append append, AppendCallback callback);

    /**
     * Makes durable that the sequences {@code [first, first + count)} will never arrive. What had been received before
     * stays received; what arrives in spite of it is taken as redelivered.
     */
    boolean recordLoss(Origin origin, long first, long count, String cause, AppendCallback callback);

    /**
     * What is durable of this origin, received or lost, disjoint and ascending: the agent may forget it. Includes no
     * append whose callback is still to come.
     */
    List<SequenceRange> received(Origin origin);
}
