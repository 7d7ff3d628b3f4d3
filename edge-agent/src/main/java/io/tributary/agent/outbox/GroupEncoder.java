package io.tributary.agent.outbox;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.List;

/** Joins the readings of a group into as few batches as the limits allow. One thread. */
final class GroupEncoder {
    private final int readingsMax;
    private final long bytesMax;
    private final BatchBuilder builder = new BatchBuilder();
    private final List<EncodedBatch> encoded = new ArrayList<>();
    private long readings;
    private long bytes;
    private long arrivalNs;

    GroupEncoder(int readingsMax, long bytesMax) {
        this.readingsMax = readingsMax;
        this.bytesMax = bytesMax;
    }

    /** @throws IllegalArgumentException when something in the group cannot be encoded; the next call starts afresh */
    List<EncodedBatch> encode(List<Waiting> group) {
        encoded.clear();
        builder.build();
        readings = 0;
        bytes = 0;
        for (Waiting waiting : group) {
            Batch batch = waiting.batch();
            if (batch == null || waiting.readings() == 0) {
                continue;
            }
            if (readings > 0 && (readings + waiting.readings() > readingsMax || bytes + waiting.bytes() > bytesMax)) {
                close();
            }
            if (readings == 0) {
                arrivalNs = waiting.arrivalNs();
            }
            builder.append(batch, waiting.arrivalNs());
            readings += waiting.readings();
            bytes += waiting.bytes();
        }
        if (readings > 0) {
            close();
        }
        return List.copyOf(encoded);
    }

    private void close() {
        Batch batch = builder.build();
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        for (Table table : batch.tables()) {
            for (int row = 0; row < table.rows(); row++) {
                oldest = Math.min(oldest, table.eventTimes()[row]);
                newest = Math.max(newest, table.eventTimes()[row]);
            }
        }
        encoded.add(new EncodedBatch((int) readings, oldest, newest, arrivalNs, BatchCodec.encode(batch)));
        readings = 0;
        bytes = 0;
    }
}
