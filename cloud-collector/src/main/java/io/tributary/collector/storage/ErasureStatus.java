package io.tributary.collector.storage;

/**
 * An erasure and how far it has come.
 *
 * @param collectorTimeNs what had arrived by then is erased
 * @param readings that it hid when it was ordered
 * @param chunks in which they were
 */
public record ErasureStatus(
        long id, ErasureRequest request, long collectorTimeNs, Stage stage, long readings, long chunks) {
    /** Each is reached after the one before, and survives whatever happens. */
    public enum Stage {
        /** Nobody is shown the readings any more. */
        HIDDEN,
        /** No chunk, no rollup and no catalog record holds them. */
        REWRITTEN,
        /** The files that held those chunks are gone, too. The log is not looked at: it drops its oldest files. */
        PURGED
    }
}
