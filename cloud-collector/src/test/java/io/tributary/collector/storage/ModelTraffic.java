package io.tributary.collector.storage;

import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.KnownDevices;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random deliveries of two agents for six devices: in order, late, twice, cut, joined. */
@SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
final class ModelTraffic {
    static final long SECOND = 1_000_000_000L;
    static final String[] CHANNELS = {"a", "b", "c", "d"};
    /** Of this many deliveries any may come again. */
    private static final int REMEMBERED = 400;

    private final Random random;
    private final List<Append> delivered = new ArrayList<>();
    private final TreeMap<Origin, Long> nextSequence = new TreeMap<>();
    /** Event times lie within {@code span} seconds from here. */
    long firstSecond = TestEngine.T0 / SECOND;

    int span = 300;

    ModelTraffic(Random random) {
        this.random = random;
    }

    boolean isEmpty() {
        return delivered.isEmpty();
    }

    Append again() {
        return delivered.get(random.nextInt(delivered.size()));
    }

    private void remember(Append append) {
        if (delivered.size() < REMEMBERED) {
            delivered.add(append);
        } else {
            delivered.set(random.nextInt(REMEMBERED), append);
        }
    }

    /** A stretch of sequences around the end of what was given out. */
    SequenceRange loss(Origin origin) {
        long next = nextSequence.getOrDefault(origin, 0L);
        long first = Math.max(0, next - random.nextInt(10));
        SequenceRange range = new SequenceRange(first, 1 + random.nextInt(15));
        nextSequence.merge(origin, range.end(), Math::max);
        return range;
    }

    private static Device device(String id) {
        return id.equals("d5") ? new Device(id, Map.of("env", "test")) : Device.of(id);
    }

    /** A delivery never seen before. */
    Append next() {
        Origin origin = new Origin(random.nextBoolean() ? "left" : "right", random.nextInt(8) == 0 ? 2 : 1);
        Batch batch = batch();
        long next = nextSequence.getOrDefault(origin, 0L);
        long first = next + (random.nextInt(20) == 0 ? random.nextInt(20) : 0);
        if (random.nextInt(10) == 0 && next > 0) {
            int back = random.nextInt(4) == 0 ? (int) next : (int) Math.min(next, 100);
            first = next - random.nextInt(back + 1); // numbers given twice: the first to arrive counts
        }
        Append append;
        if (random.nextInt(6) == 0) {
            List<RejectedRows> rejected = List.of(
                    new RejectedRows(new SequenceRange(first, 3), 1, "future", "far", new byte[3]),
                    new RejectedRows(new SequenceRange(first, 3), 2, "odd", "very", null));
            long[][] sequences = PartitionRouter.sequences(batch, first + 3);
            append = append(origin, first, batch.readingCount() + 3, batch, sequences, null, rejected);
        } else {
            byte[] encoded = BatchCodec.encode(batch);
            Batch of = random.nextBoolean() ? batch : kept(encoded);
            append = append(origin, first, batch.readingCount(), of, null, encoded, List.of());
        }
        nextSequence.merge(origin, append.range().end(), Math::max);
        remember(append);
        return append;
    }

    /** As it comes from an agent. */
    private static Batch kept(byte[] encoded) {
        try {
            return BatchCodec.decodeToKeep(encoded, BatchLimits.DEFAULT, new KnownDevices());
        } catch (InvalidBatchException e) {
            throw new AssertionError(e);
        }
    }

    private static Append append(
            Origin origin,
            long first,
            long count,
            Batch batch,
            long[][] sequences,
            byte[] encoded,
            List<RejectedRows> rejected) {
        return new Append(origin, first, count, batch, sequences, encoded, rejected);
    }

    /** A delivery made of neighbouring ones, of which some may be known. */
    Append joined() {
        Append first = delivered.get(random.nextInt(delivered.size()));
        Append second = first;
        for (Append each : delivered) {
            if (each.origin().equals(first.origin())
                    && each.firstSequence() == first.range().end()) {
                second = each;
            }
        }
        if (second == first
                || !first.rejections().isEmpty()
                || !second.rejections().isEmpty()) {
            return first;
        }
        List<Device> devices = new ArrayList<>(first.batch().devices());
        devices.addAll(second.batch().devices());
        List<Channel> channels = new ArrayList<>(first.batch().channels());
        channels.addAll(second.batch().channels());
        List<Table> tables = new ArrayList<>(first.batch().tables());
        for (Table table : second.batch().tables()) {
            int deviceShift = first.batch().devices().size();
            int channelShift = first.batch().channels().size();
            tables.add(new Table(
                    table.rows(),
                    shifted(table.runDevice(), deviceShift),
                    table.runLength(),
                    table.eventTimes(),
                    table.edgeTimes(),
                    shifted(table.channels(), channelShift),
                    table.columns()));
        }
        List<long[]> sequences =
                new ArrayList<>(List.of(PartitionRouter.rows(first).sequences()));
        sequences.addAll(List.of(PartitionRouter.rows(second).sequences()));
        return append(
                first.origin(),
                first.firstSequence(),
                first.count() + second.count(),
                new Batch(devices, channels, tables),
                sequences.toArray(long[][]::new),
                null,
                List.of());
    }

    private static int[] shifted(int[] values, int by) {
        int[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] += by;
        }
        return result;
    }

    private Batch batch() {
        if (random.nextInt(12) == 0) {
            return run();
        }
        BatchBuilder builder = new BatchBuilder();
        int rows = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 6);
        long start = random.nextInt(span);
        boolean ordered = random.nextInt(3) > 0;
        String device = "d" + random.nextInt(6);
        for (int i = 0; i < rows; i++) {
            device = random.nextInt(3) == 0 ? "d" + random.nextInt(6) : device;
            long event = (ordered ? firstSecond + start + i : firstSecond + random.nextInt(span)) * SECOND;
            builder.row(device(device), event, event + random.nextInt(3));
            for (String channel : CHANNELS) {
                if (random.nextInt(4) > 0) {
                    set(builder, channel);
                }
            }
            set(builder, "a");
        }
        return builder.build();
    }

    /** Rows of one device with the same channels, mostly in order. */
    private Batch run() {
        BatchBuilder builder = new BatchBuilder();
        Device of = device("d" + random.nextInt(6));
        int rows = 16 + random.nextInt(60);
        int width = 1 + random.nextInt(CHANNELS.length - 1);
        long start = firstSecond + random.nextInt(span - rows);
        for (int i = 0; i < rows; i++) {
            long event = (random.nextInt(40) == 0 ? firstSecond + random.nextInt(span) : start + i) * SECOND;
            builder.row(of, event, event + random.nextInt(3));
            for (int channel = 0; channel < width; channel++) {
                set(builder, CHANNELS[channel]);
            }
        }
        return random.nextBoolean() ? builder.buildByTime() : builder.build();
    }

    private void set(BatchBuilder builder, String channel) {
        int quality = random.nextInt(8) == 0 ? 0x80 : 0;
        int value = random.nextInt(3);
        switch (channel.equals("d") ? random.nextInt(4) : channel.charAt(0) - 'a') {
            case 0 ->
                builder.set(
                        new Channel(channel, ValueType.DOUBLE, random.nextInt(20) == 0 ? "K" : ""),
                        random.nextInt(3) == 0 ? quarters() : value == 2 ? -0.0 : value == 1 ? Double.NaN : 0.0,
                        quality);
            case 1 ->
                builder.set(
                        new Channel(channel, ValueType.LONG, ""),
                        random.nextInt(3) == 0 ? random.nextInt(2000) - 1000L : value,
                        quality);
            case 2 -> builder.set(new Channel(channel, ValueType.STRING, ""), "text" + value, quality);
            default -> builder.set(new Channel(channel, ValueType.BOOL, ""), value == 1, quality);
        }
    }

    /** Sums of them are exact, in any order. */
    private double quarters() {
        return random.nextInt(40) == 0 ? Double.POSITIVE_INFINITY : (random.nextInt(8000) - 4000) / 4.0;
    }
}
