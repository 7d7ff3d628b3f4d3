package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {
    private static final Device PUMP = Device.of("pump-1");
    private static final Device FAN = Device.of("fan-2");

    @Test
    void rows_ofOneChannelSet_shareATableGroupedByDevice() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 1).set("a", 1.0).set("b", 1L);
        builder.row(FAN, 1).set("b", 2L).set("a", 2.0);
        builder.row(PUMP, 2).set("a", 3.0).set("b", 3L);

        Batch batch = builder.build();

        assertThat(batch.tables()).hasSize(1);
        Table table = batch.tables().get(0);
        assertThat(table.runDevice()).containsExactly(0, 1);
        assertThat(table.runLength()).containsExactly(2, 1);
        assertThat(table.eventTimes()).startsWith(1, 2, 1);
        assertThat(table.columns()[0].doubles()).startsWith(1.0, 3.0, 2.0);
        assertThat(table.columns()[1].longs()).startsWith(1, 3, 2);
    }

    @Test
    void sameChannelTwiceInARow_keepsBothReadings() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 1).set("a", 1.0).set("a", 2.0);

        assertThat(builder.readingCount()).isEqualTo(2);
        assertThat(builder.rowCount()).isEqualTo(2);
        assertThat(readings(builder.build()).get("pump-1 a 1")).isEqualTo("2.0");
    }

    @Test
    void sameNameOfAnotherType_isAnotherChannel() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 1).set("a", 1.0);
        builder.row(PUMP, 2).set("a", "text");

        assertThat(builder.build().channels())
                .containsExactly(Channel.of("a", ValueType.DOUBLE), Channel.of("a", ValueType.STRING));
    }

    @Test
    void build_emptiesTheBuilder() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 1).set("a", 1.0);
        builder.build();

        assertThat(builder.readingCount()).isZero();
        assertThat(builder.build().tables()).isEmpty();
        assertThatThrownBy(() -> builder.set("a", 1.0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void append_stampsWhatWaitsForIt() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, Table.STAMP_ON_ARRIVAL).set("a", 1.0);
        builder.row(PUMP, 5, 6).set("a", 1.0);
        Batch batch = builder.build();

        builder.append(batch, 99);
        Table table = builder.build().tables().get(0);

        assertThat(table.eventTimes()).startsWith(99, 5);
        assertThat(table.edgeTimes()).startsWith(99, 6);
    }

    @Test
    void laterRow_alwaysGetsTheLaterSequence() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            BatchBuilder direct = new BatchBuilder();
            BatchBuilder merged = new BatchBuilder();
            BatchBuilder part = new BatchBuilder();
            Map<String, String> expected = new HashMap<>();
            int added = 0;
            int rows = random.nextInt(60) + 1;
            for (int i = 0; i < rows; i++) {
                Device device = random.nextBoolean() ? PUMP : FAN;
                long time = random.nextInt(4) + 1;
                direct.row(device, time);
                part.row(device, time);
                for (int channel = 0; channel < 4; channel++) {
                    if (random.nextInt(3) == 0) {
                        double value = ++added;
                        direct.set("c" + channel, value);
                        part.set("c" + channel, value);
                        expected.put(device.id() + " c" + channel + " " + time, Double.toString(value));
                    }
                }
                if (random.nextInt(5) == 0) {
                    merged.append(part.build(), 77);
                }
            }
            merged.append(part.build(), 77);

            assertThat(direct.readingCount()).as("seed %d", seed).isEqualTo(added);
            boolean byTime = random.nextBoolean();
            Batch batch = byTime ? direct.buildByTime() : direct.build();
            assertThat(batch.readingCount()).as("seed %d", seed).isEqualTo(added);
            assertThat(readings(batch)).as("seed %d", seed).isEqualTo(expected);
            assertThat(readings(byTime ? merged.buildByTime() : merged.build()))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void rowsByTime_ascendPerDeviceAndKeepTheOrderOfOneTime() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 30).set("a", 1.0);
        builder.row(FAN, 7).set("a", 2.0);
        builder.row(PUMP, 10).set("a", 3.0);
        builder.row(PUMP, 30).set("a", 4.0);
        builder.row(PUMP, 20).set("a", 5.0);
        builder.row(FAN, 6).set("a", 6.0);

        Table table = builder.buildByTime().tables().get(0);

        assertThat(table.runLength()).containsExactly(4, 2);
        assertThat(table.eventTimes()).startsWith(10, 20, 30, 30, 6, 7);
        assertThat(table.columns()[0].doubles()).startsWith(3, 5, 1, 4, 6, 2);
    }

    @Test
    void rowsByTime_waitForTheirStamps() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(PUMP, 30).set("a", 1.0);
        builder.row(PUMP, Table.STAMP_ON_ARRIVAL).set("a", 2.0);
        builder.row(FAN, 9).set("a", 3.0);
        builder.row(FAN, 8).set("a", 4.0);

        Table table = builder.buildByTime().tables().get(0);

        assertThat(table.eventTimes()).startsWith(30, Table.STAMP_ON_ARRIVAL, 8, 9);
    }

    @Test
    void manyChannelSets_shareASparseTable() {
        BatchBuilder builder = new BatchBuilder();
        Map<String, String> expected = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            builder.row(PUMP, i).set("x" + i, (double) i).set("common", (double) i);
            expected.put("pump-1 x" + i + " " + i, Double.toString(i));
            expected.put("pump-1 common " + i, Double.toString(i));
        }
        Batch batch = builder.build();

        assertThat(batch.tables()).hasSizeLessThan(300);
        assertThat(readings(batch)).isEqualTo(expected);
    }

    /** By series and event time, the value of the latest sequence. */
    static Map<String, String> readings(Batch batch) {
        Map<String, String> result = new HashMap<>();
        for (Table table : batch.tables()) {
            List<String> devices = new ArrayList<>();
            for (int run = 0; run < table.runDevice().length; run++) {
                for (int i = 0; i < table.runLength()[run]; i++) {
                    devices.add(batch.devices().get(table.runDevice()[run]).id());
                }
            }
            int[] next = new int[table.columns().length];
            for (int row = 0; row < table.rows(); row++) {
                for (int c = 0; c < next.length; c++) {
                    if (table.columns()[c].isPresent(row)) {
                        String channel =
                                batch.channels().get(table.channels()[c]).name();
                        result.put(
                                devices.get(row) + " " + channel + " " + table.eventTimes()[row],
                                Double.toString(table.columns()[c].doubles()[next[c]++]));
                    }
                }
            }
        }
        return result;
    }
}
