package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.catalog.DeviceRecord;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.Rows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.KnownDevices;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that keep deliveries encoded hold what heads of decoded rows hold. */
class HeadTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void encodedAndDecodedDeliveries_readTheSame(long seed) throws Exception {
        Random random = new Random(seed);
        Head plain = new Head(0, new DeviceDirectory());
        Head encoded = new Head(0, new DeviceDirectory());
        long sequence = 0;
        for (int i = 0; i < 20; i++) {
            Batch batch = batch(random);
            byte[] bytes = BatchCodec.encode(batch);
            Batch decoded = random.nextBoolean()
                    ? BatchCodec.decode(bytes, BatchLimits.DEFAULT)
                    : BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, new KnownDevices());
            Origin origin = new Origin(random.nextBoolean() ? "left" : "right", 1);
            append(plain, i, origin, batch, sequence);
            append(encoded, i, origin, decoded, sequence);
            sequence += batch.readingCount();
        }
        assertThat(encoded.readings()).isEqualTo(plain.readings());
        assertThat(encoded.sortedIds()).isEqualTo(plain.sortedIds());
        for (String id : plain.sortedIds()) {
            HeadDevice a = device(plain, id);
            HeadDevice b = device(encoded, id);
            assertThat(b.firstEventTimeNs()).isEqualTo(a.firstEventTimeNs());
            assertThat(b.lastEventTimeNs()).isEqualTo(a.lastEventTimeNs());
            assertThat(b.senders()).isEqualTo(a.senders());
            assertThat(described(b)).isEqualTo(described(a));
            assertSame(a.groups(Long.MIN_VALUE, Long.MAX_VALUE), b.groups(Long.MIN_VALUE, Long.MAX_VALUE));
            for (int i = 0; i < 10; i++) {
                long from = random.nextInt(400) * SECOND;
                long to = from + random.nextInt(300) * SECOND;
                assertSame(a.groups(from, to), b.groups(from, to));
            }
        }
        List<HeadDevice> all = plain.all(7);
        for (int i = 0; i < all.size(); i++) {
            assertSame(
                    all.get(i).groups(Long.MIN_VALUE, Long.MAX_VALUE),
                    encoded.all(7).get(i).groups(Long.MIN_VALUE, Long.MAX_VALUE));
        }
    }

    @Test
    void aDeliveryOfOneDevice_costsAboutItsBytes() throws Exception {
        BatchBuilder builder = new BatchBuilder();
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            builder.row(Device.of("d"), i * SECOND, i * SECOND);
            for (int channel = 0; channel < 10; channel++) {
                builder.set("c" + channel, random.nextInt(100) / 100.0);
            }
        }
        byte[] bytes = BatchCodec.encode(builder.build());
        Head head = new Head(0, new DeviceDirectory());
        append(head, 0, new Origin("a", 1), BatchCodec.decode(bytes, BatchLimits.DEFAULT), 0);
        assertThat(head.bytes()).isLessThan(bytes.length + 4400L);
    }

    @Test
    void muchOfOneDevice_makesAHeadDue() throws Exception {
        Head head = new Head(0, new DeviceDirectory());
        for (int i = 0; !head.isDue(); i++) {
            assertThat(i).isLessThan(3000);
            BatchBuilder builder = new BatchBuilder();
            for (int row = 0; row < 1000; row++) {
                builder.row(Device.of("d"), (i * 1000L + row) * SECOND, 0).set("c", 1.5);
            }
            byte[] bytes = BatchCodec.encode(builder.build());
            append(head, i, new Origin("a", 1), BatchCodec.decode(bytes, BatchLimits.DEFAULT), i * 1000L);
        }
    }

    private static void append(Head head, long offset, Origin origin, Batch batch, long sequence) {
        long[][] sequences = PartitionRouter.sequences(batch, sequence);
        head.append(offset, 0, origin, 1000 + offset, new Rows(batch, sequences), null);
    }

    private static Batch batch(Random random) {
        BatchBuilder builder = new BatchBuilder();
        boolean single = random.nextBoolean();
        boolean dense = random.nextInt(4) > 0;
        int rows = 1 + random.nextInt(random.nextInt(6) == 0 ? 1500 : 60);
        String device = "d" + random.nextInt(4);
        for (int row = 0; row < rows; row++) {
            String of = single ? device : "d" + random.nextInt(4);
            builder.row(Device.of(of), random.nextInt(500) * SECOND, random.nextInt(1000) * SECOND);
            int quality = random.nextInt(20) == 0 ? 0x80 : 0;
            builder.set(Channel.of("a", ValueType.DOUBLE), random.nextInt(1000) / 10.0, quality);
            if (dense || random.nextBoolean()) {
                builder.set("b", (long) random.nextInt(50));
                builder.set("c", random.nextBoolean());
                builder.set("d", "state" + random.nextInt(3));
            }
        }
        return builder.build();
    }

    private static HeadDevice device(Head head, String id) {
        HeadDevice device = head.device(id);
        if (device == null) {
            throw new AssertionError("no device " + id);
        }
        return device;
    }

    private static byte[] described(HeadDevice device) {
        DeviceRecord record = new DeviceRecord();
        device.describe(record);
        return record.encode();
    }

    private static void assertSame(List<RowGroup> expected, List<RowGroup> actual) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(rows(actual.get(i))).isEqualTo(rows(expected.get(i)));
        }
    }

    private static List<List<Object>> rows(RowGroup group) {
        List<List<Object>> rows = new ArrayList<>();
        for (int row = 0; row < group.rows(); row++) {
            List<Object> values = new ArrayList<>(List.of(
                    group.eventTimes()[row],
                    group.edgeTimes()[row],
                    group.collectorTimes()[row],
                    group.sequences()[row],
                    group.origins()[row]));
            for (int i = 0; i < group.columns().length; i++) {
                values.add(group.channels()[i]);
                values.add(group.columns()[i].qualityAt(row));
                values.add(
                        switch (group.columns()[i].type()) {
                            case DOUBLE -> group.columns()[i].doubles()[row];
                            case STRING -> group.columns()[i].strings()[row];
                            default -> group.columns()[i].longs()[row];
                        });
            }
            rows.add(values);
        }
        return rows;
    }
}
