package io.tributary.collector.partition;

/** Told once per append, on the committer's thread: must not block. Appends complete in the order they were taken. */
public interface AppendCallback {
    /**
     * Fsynced and visible to every query that starts from here on. A delivery that had been received before is durable,
     * too.
     *
     * @param collectorTimeNs the collector time of the stored readings; strictly ascending from append to append
     */
    void durable(long collectorTimeNs);

    /** Not stored; sending it again later may help. */
    void failed(Throwable cause);
}
