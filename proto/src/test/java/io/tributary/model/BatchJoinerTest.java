package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchJoinerTest {
    /** Every reading in the order of its sequences. */
    private static List<String> readings(Batch batch) {
        List<String> readings = new ArrayList<>();
        for (Table table : batch.tables()) {
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                Device device = batch.devices().get(table.runDevice()[run]);
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    for (int i = 0; i < next.length; i++) {
                        Column column = table.columns()[i];
                        if (column.isPresent(row)) {
                            int at = next[i]++;
                            readings.add(device + " " + batch.channels().get(table.channels()[i]) + " "
                                    + table.eventTimes()[row] + " " + table.edgeTimes()[row] + " " + value(column, at)
                                    + " " + column.qualityAt(at));
                        }
                    }
                }
            }
        }
        return readings;
    }

    private static String value(Column column, int at) {
        return switch (column.type()) {
            case DOUBLE -> Long.toHexString(Double.doubleToRawLongBits(column.doubles()[at]));
            case LONG, BOOL -> String.valueOf(column.longs()[at]);
            case STRING -> column.strings()[at];
        };
    }

    private static Batch random(SplittableRandom random) {
        BatchBuilder builder = new BatchBuilder();
        for (int row = random.nextInt(6); row >= 0; row--) {
            Device device = new Device("d" + random.nextInt(3), Map.of("site", "s" + random.nextInt(2)));
            long event = 1_000 + random.nextInt(20);
            builder.row(device, event, event + random.nextInt(5));
            for (int channel = random.nextInt(3); channel >= 0; channel--) {
                switch (random.nextInt(4)) {
                    case 0 -> builder.set("temp", random.nextDouble());
                    case 1 -> builder.set("count", random.nextLong());
                    case 2 -> builder.set("on", random.nextBoolean());
                    default -> builder.set(Channel.of("state", ValueType.STRING), "s" + random.nextInt(9), 0x80);
                }
            }
        }
        return builder.build();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void joined_keepsEveryReadingAtItsRank(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        BatchJoiner joiner = new BatchJoiner();
        for (int round = 0; round < 20; round++) { // it is used again and again
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(1, 30); i > 0; i--) {
                Batch part = random(random);
                expected.addAll(readings(part));
                joiner.add(part);
            }
            Batch joined = joiner.build();
            assertThat(readings(joined)).as("seed %d", seed).isEqualTo(expected);
            Batch decoded = BatchCodec.decode(BatchCodec.encode(joined), BatchLimits.DEFAULT);
            assertThat(readings(decoded)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    /** A row of each of ten devices a second, as ten separate batches a second would hold them. */
    @Test
    void smallBatchesOfLikeDevices_becomeDense() {
        SplittableRandom random = new SplittableRandom(1);
        BatchJoiner joiner = new BatchJoiner();
        long apart = 0;
        int readings = 0;
        for (int second = 0; second < 50; second++) {
            for (int device = 0; device < 10; device++) {
                long event = 1_700_000_000_000_000_000L + second * 1_000_000_000L;
                BatchBuilder builder = new BatchBuilder().row(Device.of("device-" + device), event, event + 2_000_000);
                for (int channel = 0; channel < 10; channel++) {
                    builder.set("channel-" + channel, Math.round(random.nextDouble() * 1000) / 100.0);
                    readings++;
                }
                Batch batch = builder.build();
                apart += BatchCodec.encode(batch).length;
                joiner.add(batch);
            }
        }
        Batch joined = joiner.build();
        assertThat(joined.tables()).hasSize(1);
        assertThat(BatchCodec.encode(joined).length)
                .isLessThan((int) (apart / 8))
                .isLessThan(2 * readings);
    }
}
