package io.tributary.collector.storage;

import io.tributary.column.Utf8;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an erasure leaves of a dead letter. A payload that is a batch loses the readings that the erasure covers. Of one that
 * cannot be read only this is known: when the device's ID stands in it, or in the letter's detail, it goes whole, whatever
 * else was in it; so does every such letter that arrived before an erasure of all devices.
 */
final class LetterEraser {
    private static final Logger LOG = LoggerFactory.getLogger(LetterEraser.class);

    private LetterEraser() {}

    /** The letter itself where nothing of it is covered; null where nothing is left. */
    static @Nullable DeadLetter without(Erasure erasure, DeadLetter letter) {
        if (letter.timeNs() > erasure.timeNs()) {
            return letter;
        }
        Batch batch;
        try {
            batch = BatchCodec.decode(letter.payload(), BatchLimits.DEFAULT);
        } catch (InvalidBatchException e) {
            LOG.debug("dead letter {} holds no batch", letter.id(), e);
            return mayHold(erasure, letter) ? null : letter;
        }
        long[] kept = {0};
        forEach(
                batch,
                (device, channel, row, event, edge, column, index) ->
                        kept[0] += covers(erasure, device, channel, event) ? 0 : 1);
        if (kept[0] == batch.readingCount()) {
            return letter;
        }
        return kept[0] == 0 ? null : copy(letter, BatchCodec.encode(rest(erasure, batch)));
    }

    private static boolean mayHold(Erasure erasure, DeadLetter letter) {
        if (erasure.request().patterns()) {
            return erasure.request().device().equals("*");
        }
        String device = erasure.request().device();
        return letter.detail().contains(device) || indexOf(letter.payload(), Utf8.encode(device)) >= 0;
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            int same = 0;
            while (same < part.length && bytes[at + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return at;
            }
        }
        return -1;
    }

    private static DeadLetter copy(DeadLetter letter, byte[] payload) {
        return new DeadLetter(
                letter.id(),
                letter.timeNs(),
                letter.cause(),
                letter.detail(),
                letter.origin(),
                letter.range(),
                letter.readings(),
                payload);
    }

    private static boolean covers(Erasure erasure, Device device, Channel channel, long event) {
        return erasure.coversDevice(device.id())
                && erasure.coversChannel(channel.name())
                && erasure.coversAny(event, event);
    }

    private static Batch rest(Erasure erasure, Batch batch) {
        BatchBuilder left = new BatchBuilder();
        long[] begun = {-1};
        forEach(batch, (device, channel, row, event, edge, column, index) -> {
            if (covers(erasure, device, channel, event)) {
                return;
            }
            if (begun[0] != row) {
                left.row(device, event, edge);
                begun[0] = row;
            }
            set(left, channel, column, index);
        });
        return left.build();
    }

    private static void set(BatchBuilder left, Channel channel, Column column, int index) {
        int quality = column.qualityAt(index);
        switch (channel.type()) {
            case DOUBLE -> left.set(channel, column.doubles()[index], quality);
            case LONG -> left.set(channel, column.longs()[index], quality);
            case BOOL -> left.set(channel, column.longs()[index] == 1, quality);
            case STRING -> left.set(channel, column.strings()[index], quality);
        }
    }

    private interface Readings {
        /** @param row over all tables */
        void take(Device device, Channel channel, long row, long event, long edge, Column column, int index);
    }

    private static void forEach(Batch batch, Readings readings) {
        long rowsBefore = 0;
        for (Table table : batch.tables()) {
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                Device device = batch.devices().get(table.runDevice()[run]);
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    for (int c = 0; c < next.length; c++) {
                        Column column = table.columns()[c];
                        if (column.isPresent(row)) {
                            Channel channel = batch.channels().get(table.channels()[c]);
                            readings.take(
                                    device,
                                    channel,
                                    rowsBefore + row,
                                    table.eventTimes()[row],
                                    table.edgeTimes()[row],
                                    column,
                                    next[c]++);
                        }
                    }
                }
            }
            rowsBefore += table.rows();
        }
    }
}
