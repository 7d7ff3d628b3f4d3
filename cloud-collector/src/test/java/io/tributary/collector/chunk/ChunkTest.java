package io.tributary.collector.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ColumnStats;
import io.tributary.model.Device;
import io.tributary.model.KnownDevices;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private static final long T0 = 1_700_000_000_000_000_000L;

    private static RowGroup small() {
        Origin left = new Origin("left", 1);
        Origin right = new Origin("right", 2);
        return new RowGroup(
                3,
                new long[] {T0, T0 + 10, T0 + 20},
                new long[] {T0 + 1, T0 + 11, T0 + 21},
                new long[] {T0 + 100, T0 + 100, T0 + 200},
                new long[] {7, 9, 0},
                new Origin[] {left, left, right},
                new Channel[] {
                    new Channel("temp", ValueType.DOUBLE, "°C"),
                    Channel.of("count", ValueType.LONG),
                    Channel.of("on", ValueType.BOOL),
                    Channel.of("state", ValueType.STRING)
                },
                new Column[] {
                    Column.ofDoubles(new double[] {20.5, -0.0, 21}, 3, null, new byte[] {0, (byte) 0x80, 0}),
                    Column.ofLongs(new long[] {5, -6}, 2, new long[] {0b101}, null),
                    Column.ofBools(new long[] {1, 0, 1}, 3, null, null),
                    Column.ofStrings(new String[] {"idle"}, 1, new long[] {0b010}, null)
                });
    }

    @Test
    void chunk_hasGoldenBytes() {
        assertThat(HexFormat.of().formatHex(new ChunkWriter().encode(List.of(small()))))
                .isEqualTo("01dc32d944590000008080d0e2c6bfce972f1402046c65667401060572696768740203010300140c"
                        + "03090505040474656d7003c2b0430102140805636f756e740002010402020000026f6e0003000205"
                        + "73746174650004010902010a0a516e55895304ecffcfe2c6bfce972f00140101020105a403a30300"
                        + "c801050b3000150502030002048101030002000000000000008005a40313000a05ff05800a00ff03"
                        + "042000150005000500010469646c6501000002");
    }

    @Test
    void header_tellsWithoutDecoding() throws CorruptColumnException {
        int rows = 100;
        long[] times = new long[rows];
        double[] values = new double[rows];
        Origin[] origins = new Origin[rows];
        Arrays.fill(origins, new Origin("agent", 0));
        for (int i = 0; i < rows; i++) {
            times[i] = T0 + i * 1_000L;
            values[i] = i * 0.5;
        }
        RowGroup group = new RowGroup(
                rows,
                times,
                times,
                times,
                times,
                origins,
                new Channel[] {new Channel("v", ValueType.DOUBLE, "m")},
                new Column[] {Column.ofDoubles(values, rows, null, null)});
        Chunk chunk = Chunk.open(new ChunkWriter().encode(List.of(group)));
        assertThat(chunk.firstTime()).isEqualTo(T0);
        assertThat(chunk.lastTime()).isEqualTo(T0 + 99_000);
        assertThat(chunk.origins()).containsExactly(new Chunk.OriginReadings(new Origin("agent", 0), rows));
        ChunkChannel channel = chunk.groups().get(0).channels().get(0);
        assertThat(channel.count()).isEqualTo(rows);
        ColumnStats stats = channel.stats();
        assertThat(stats).isNotNull();
        if (stats != null) {
            assertThat(stats.min()).isZero();
            assertThat(stats.max()).isEqualTo(49.5);
            assertThat(stats.first()).isZero();
            assertThat(stats.last()).isEqualTo(49.5);
            assertThat(stats.sum()).isEqualTo(2475, within(1e-9));
        }
    }

    @Test
    void valuesWithNaN_haveNoStatistics() throws CorruptColumnException {
        long[] times = new long[20];
        double[] values = new double[20];
        Origin[] origins = new Origin[20];
        Arrays.fill(origins, new Origin("agent", 0));
        for (int i = 0; i < times.length; i++) {
            times[i] = T0 + i;
        }
        values[7] = Double.NaN;
        RowGroup group = new RowGroup(
                20,
                times,
                times,
                times,
                times,
                origins,
                new Channel[] {new Channel("v", ValueType.DOUBLE, "m")},
                new Column[] {Column.ofDoubles(values, 20, null, null)});
        Chunk chunk = Chunk.open(new ChunkWriter().encode(List.of(group)));
        assertThat(chunk.groups().get(0).channels().get(0).stats()).isNull();
    }

    /** What an agent encoded is copied: the same bytes as if it had been decoded and encoded. */
    @RepeatedTest(10)
    void encodedColumns_makeTheSameChunk(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        BatchBuilder builder = new BatchBuilder();
        int rows = 8 + random.nextInt(600);
        for (int i = 0; i < rows; i++) {
            builder.row(Device.of("d"), T0 + i * 1000L, T0 + i * 1000L + 7)
                    .set("noise", random.nextDouble())
                    .set(
                            Channel.of("gauge", ValueType.DOUBLE),
                            random.nextInt(500) / 100.0,
                            random.nextInt(50) == 0 ? 0x80 : 0)
                    .set("count", 40L * i)
                    .set("on", random.nextInt(9) == 0)
                    .set("nan", random.nextInt(300) == 0 ? Double.NaN : -0.0)
                    .set("state", "state" + random.nextInt(3));
        }
        byte[] bytes = BatchCodec.encode(builder.build());
        byte[] plain = chunk(BatchCodec.decode(bytes, BatchLimits.DEFAULT));
        assertThat(chunk(BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, new KnownDevices())))
                .isEqualTo(plain);
    }

    private static byte[] chunk(Batch batch) {
        Table table = batch.tables().get(0);
        Origin[] origins = new Origin[table.rows()];
        Arrays.fill(origins, new Origin("agent", 0));
        Channel[] channels = new Channel[table.channels().length];
        Column[] columns = new Column[channels.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = batch.channels().get(table.channels()[i]);
            Column column = table.columns()[i];
            columns[i] = column.isEncodedOnly() ? column : withoutBytes(column);
        }
        RowGroup group = new RowGroup(
                table.rows(),
                table.eventTimes(),
                table.edgeTimes(),
                table.edgeTimes(),
                table.eventTimes(),
                origins,
                channels,
                columns);
        return new ChunkWriter().encode(List.of(group));
    }

    private static Column withoutBytes(Column column) {
        return switch (column.type()) {
            case DOUBLE -> Column.ofDoubles(column.doubles(), column.size(), null, column.quality());
            case LONG -> Column.ofLongs(column.longs(), column.size(), null, column.quality());
            case BOOL -> Column.ofBools(column.longs(), column.size(), null, column.quality());
            case STRING -> Column.ofStrings(column.strings(), column.size(), null, column.quality());
        };
    }

    @RepeatedTest(30)
    void anyGroups_survive(RepetitionInfo repetition) throws CorruptColumnException {
        Random random = new Random(repetition.getCurrentRepetition());
        List<RowGroup> groups = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            groups.add(RandomRows.group(random, 1 + random.nextInt(300), "g" + i));
        }
        Chunk chunk = Chunk.open(new ChunkWriter().encode(groups));
        assertThat(chunk.groups()).hasSameSizeAs(groups);
        assertThat(chunk.readings())
                .isEqualTo(groups.stream().mapToLong(RowGroup::readings).sum());
        for (int i = 0; i < groups.size(); i++) {
            RandomRows.assertSame(chunk.groups().get(i).rowGroup(), groups.get(i));
        }
    }

    @Test
    void damage_isFoundWhereverItIs() {
        byte[] bytes = new ChunkWriter().encode(List.of(small()));
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x40;
            assertThatThrownBy(() -> readAll(damaged)).isInstanceOf(CorruptColumnException.class);
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> readAll(cut)).isInstanceOf(CorruptColumnException.class);
        }
        assertThatThrownBy(() -> readAll(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(CorruptColumnException.class);
    }

    @RepeatedTest(20)
    void hostileBytes_costNoMoreThanAnException(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] bytes = new ChunkWriter().encode(List.of(RandomRows.group(random, 40, "g")));
        for (int attempt = 0; attempt < 500; attempt++) {
            byte[] hostile = bytes.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                hostile[ChunkLayout.PREFIX_BYTES + random.nextInt(hostile.length - ChunkLayout.PREFIX_BYTES)] =
                        (byte) random.nextInt(256);
            }
            seal(hostile);
            try {
                readAll(hostile);
            } catch (CorruptColumnException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    /** Makes the checksums fit, as somebody who means harm would. */
    static void seal(byte[] bytes) {
        int headerLength = getInt(bytes, 5);
        int bodyAt = ChunkLayout.PREFIX_BYTES + headerLength;
        putInt(bytes, bodyAt - 4, ChunkLayout.crc(bytes, bodyAt, bytes.length - bodyAt));
        putInt(bytes, 1, ChunkLayout.crc(bytes, ChunkLayout.PREFIX_BYTES, headerLength));
    }

    private static int getInt(byte[] bytes, int at) {
        return bytes[at] & 0xff
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    private static void putInt(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }

    private static void readAll(byte[] bytes) throws CorruptColumnException {
        for (ChunkGroup group : Chunk.open(bytes).groups()) {
            group.rowGroup();
        }
    }
}
