package io.tributary.collector.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.partition.Origin;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Row groups with everything that one may hold. */
final class RandomRows {
    private RandomRows() {}

    static RowGroup group(Random random, int rows, String prefix) {
        long[] events = new long[rows];
        long[] edges = new long[rows];
        long[] collectors = new long[rows];
        long[] sequences = new long[rows];
        Origin[] origins = new Origin[rows];
        long time = random.nextLong() / 4;
        for (int i = 0; i < rows; i++) {
            time += random.nextInt(3) == 0 ? random.nextInt(1_000_000_000) : 1_000_000;
            events[i] = time;
            edges[i] = time + random.nextInt(1000);
            collectors[i] = random.nextInt(5) == 0 ? random.nextLong() / 4 : time + 5_000_000;
            sequences[i] = random.nextInt(1000);
            origins[i] = new Origin(random.nextInt(4) == 0 ? "left" : "right", 1);
        }
        Channel[] channels = new Channel[1 + random.nextInt(6)];
        Column[] columns = new Column[channels.length];
        for (int i = 0; i < channels.length; i++) {
            ValueType type = ValueType.values()[random.nextInt(4)];
            channels[i] = new Channel(prefix + i, type, random.nextBoolean() ? "" : "kW");
            columns[i] = column(random, type, rows);
        }
        return new RowGroup(rows, events, edges, collectors, sequences, origins, channels, columns);
    }

    private static Column column(Random random, ValueType type, int rows) {
        long[] presence = null;
        int size = rows;
        if (rows > 1 && random.nextInt(3) == 0) {
            presence = new long[(rows + 63) >> 6];
            size = 0;
            for (int row = 0; row < rows; row++) {
                if (random.nextBoolean() || (row == rows - 1 && size == 0)) {
                    presence[row >> 6] |= 1L << row;
                    size++;
                }
            }
        }
        byte[] quality = null;
        if (random.nextInt(3) == 0) {
            quality = new byte[size];
            random.nextBytes(quality);
        }
        return values(random, type, size, presence, quality);
    }

    private static Column values(
            Random random, ValueType type, int size, long @Nullable [] presence, byte @Nullable [] quality) {
        boolean smooth = random.nextBoolean();
        long[] longs = new long[size];
        double[] doubles = new double[size];
        String[] texts = new String[size];
        for (int i = 0; i < size; i++) {
            longs[i] = type == ValueType.BOOL ? random.nextInt(2) : smooth ? i * 3L : random.nextLong();
            doubles[i] = smooth ? Math.rint(i * 7.0) / 10 : Double.longBitsToDouble(random.nextLong());
            texts[i] = "text" + random.nextInt(smooth ? 3 : 1000);
        }
        return switch (type) {
            case DOUBLE -> Column.ofDoubles(doubles, size, presence, quality);
            case LONG -> Column.ofLongs(longs, size, presence, quality);
            case BOOL -> Column.ofBools(longs, size, presence, quality);
            case STRING -> Column.ofStrings(texts, size, presence, quality);
        };
    }

    static void assertSame(RowGroup actual, RowGroup expected) {
        assertThat(actual.rows()).isEqualTo(expected.rows());
        assertThat(actual.eventTimes()).isEqualTo(expected.eventTimes());
        assertThat(actual.edgeTimes()).isEqualTo(expected.edgeTimes());
        assertThat(actual.collectorTimes()).isEqualTo(expected.collectorTimes());
        assertThat(actual.sequences()).isEqualTo(expected.sequences());
        assertThat(Arrays.asList(actual.origins())).isEqualTo(Arrays.asList(expected.origins()));
        assertThat(actual.channels()).isEqualTo(expected.channels());
        for (int i = 0; i < expected.columns().length; i++) {
            assertThat(actual.columns()[i].sameAs(expected.columns()[i], expected.rows()))
                    .as("column %s", i)
                    .isTrue();
        }
    }
}
