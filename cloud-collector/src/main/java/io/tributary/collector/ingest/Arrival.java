package io.tributary.collector.ingest;

import io.tributary.model.BatchCodec;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.SequenceRange;
import org.jspecify.annotations.Nullable;

/**
 * A delivery of which only the envelope has been read.
 *
 * @param range the sequences it takes: as the outbox counts them, else as the envelope does
 * @param envelopeCount readings by the envelope; -1 when that cannot be read
 * @param fault why the envelope cannot be read; null when it can
 * @param timeNs when it arrived
 */
record Arrival(
        SequenceRange range,
        byte[] bytes,
        long envelopeCount,
        @Nullable String fault,
        long timeNs) {
    /** Decoded: a value, and its share of the row's times and of the arrays' slack. */
    private static final long BYTES_PER_READING = 16;

    /** @throws ProtocolException nothing tells which sequences it takes, so that it cannot even be rejected */
    static Arrival of(long first, long outboxCount, byte[] bytes, long timeNs) throws ProtocolException {
        long envelope = -1;
        String fault = null;
        try {
            envelope = BatchCodec.readingCount(bytes);
        } catch (InvalidBatchException e) {
            fault = e.getMessage();
        }
        if (outboxCount == 0 && envelope <= 0) {
            throw ProtocolException.invalid(
                    "no-range",
                    "delivery at sequence " + Long.toUnsignedString(first) + ": "
                            + (fault == null ? "batch without readings" : fault)
                            + "; expected a batch with readings, or reading_count so that it can be rejected");
        }
        try {
            SequenceRange range = new SequenceRange(first, outboxCount == 0 ? envelope : outboxCount);
            return new Arrival(range, bytes, envelope, fault, timeNs);
        } catch (IllegalArgumentException e) {
            throw ProtocolException.invalid("bad-range", "delivery: " + e.getMessage());
        }
    }

    /** Memory that it takes until it is durable. */
    long costBytes() {
        // A lying envelope cannot claim more than its limit allows, and is found out while decoding.
        return bytes.length + BYTES_PER_READING * Math.max(0, Math.min(envelopeCount, 1L << 30));
    }
}
