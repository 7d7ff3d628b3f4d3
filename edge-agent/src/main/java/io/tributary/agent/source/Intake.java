package io.tributary.agent.source;

import io.tributary.model.Batch;

/**
 * The door into the outbox, called by sources on any thread. Never blocks: a full queue refuses at once, and the source
 * pushes back at its device.
 */
public interface Intake {
    /**
     * Takes all readings of the batch or none. Times that wait for it ({@link io.tributary.model.Table#STAMP_ON_ARRIVAL},
     * edge time 0) are stamped. Batches of one thread keep their order.
     *
     * @param source label for metrics
     * @param receipt told exactly once, maybe before this returns
     */
    void take(String source, Batch batch, Durability durability, Receipt receipt);

    /**
     * Keeps what could not be understood, with its cause, so that it can be looked at and driven again.
     *
     * @param cause a short word, {@code malformed-line}
     * @param detail a sentence: value, expectation, place
     * @param payload the bytes as they came; cut to the store's limit per letter
     * @param receipt told exactly once, after fsync
     */
    void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt);
}
