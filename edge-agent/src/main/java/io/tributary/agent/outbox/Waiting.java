package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Readings or a dead letter on their way into the next group.
 *
 * @param batch null for a dead letter
 * @param letter null for readings
 * @param arrivalNs wall clock
 * @param arrivalMonotonicNs at the same moment; 0 for a dead letter
 * @param bytes what it holds of the queue's budget
 */
record Waiting(
        String source,
        @Nullable Batch batch,
        @Nullable DeadLetter letter,
        Durability durability,
        long readings,
        long arrivalNs,
        long arrivalMonotonicNs,
        long bytes,
        Receipt receipt) {
    private static final int OVERHEAD_BYTES = 256;

    /** Readings that arrive now. */
    static Waiting readings(String source, Batch batch, Durability durability, Clock clock, Receipt receipt) {
        return new Waiting(
                source,
                batch,
                null,
                durability,
                batch.readingCount(),
                clock.wallNs(),
                clock.monotonicNs(),
                bytes(batch),
                receipt);
    }

    static Waiting letter(DeadLetter letter, Receipt receipt) {
        long bytes =
                OVERHEAD_BYTES + letter.payload().length + 2L * letter.detail().length();
        return new Waiting(letter.source(), null, letter, Durability.SYNCED, 0, letter.timeNs(), 0, bytes, receipt);
    }

    /** Told already when the source asked for nothing more than a place in the queue. */
    boolean isTold() {
        return durability == Durability.MEMORY;
    }

    void taken() {
        if (!isTold()) {
            receipt.taken();
        }
    }

    void refused(Refusal refusal) {
        if (!isTold()) {
            receipt.refused(refusal);
        }
    }

    /** Roughly what the batch holds in memory. */
    private static long bytes(Batch batch) {
        long bytes = OVERHEAD_BYTES;
        for (Table table : batch.tables()) {
            bytes += 16L * table.eventTimes().length + 8L * table.runDevice().length + 64;
            for (Column column : table.columns()) {
                bytes += 32;
                switch (column.type()) {
                    case DOUBLE -> bytes += 8L * column.doubles().length;
                    case LONG, BOOL -> bytes += 8L * column.longs().length;
                    case STRING -> {
                        for (int i = 0; i < column.size(); i++) {
                            bytes += 56L + column.strings()[i].length();
                        }
                    }
                }
            }
        }
        for (Device device : batch.devices()) {
            bytes += 128;
            for (Map.Entry<String, String> tag : device.tags().entrySet()) {
                bytes += 96L + tag.getKey().length() + tag.getValue().length();
            }
        }
        return bytes + 96L * batch.channels().size();
    }
}
