package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchCodecTest {
    private static final Device PUMP = new Device("pump-1", Map.of("site", "north", "model", "p7"));
    private static final Device FAN = Device.of("fan-2");

    @Test
    void batch_ofAllTypes_survivesRoundTrip() throws Exception {
        Batch batch = mixed();

        assertSame(BatchCodec.decode(BatchCodec.encode(batch), BatchLimits.DEFAULT), batch);
        assertSame(BatchCodec.decode(BatchCodec.encode(batch, false), BatchLimits.DEFAULT), batch);
    }

    @Test
    void batchToKeep_ofOneDevice_staysEncodedUntilAsked() throws Exception {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 300; i++) {
            builder.row(PUMP, 1_000_000_000L * i, 7L + i)
                    .set("temperature", 20.5 + i)
                    .set("count", 40L - i)
                    .set("open", i % 3 == 0)
                    .set("state", i % 2 == 0 ? "läuft" : "steht");
            if (i % 7 == 0) {
                builder.set(
                        Channel.of("odd", ValueType.DOUBLE), i == 14 ? Double.NaN : 1 / (1.0 + i), Quality.BAD_SENSOR);
            }
        }
        Batch batch = builder.build();
        for (boolean compressed : new boolean[] {false, true}) {
            byte[] bytes = BatchCodec.encode(batch, compressed);
            Batch plain = BatchCodec.decode(bytes, BatchLimits.DEFAULT);
            Batch kept = BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, new KnownDevices());
            for (int table = 0; table < plain.tables().size(); table++) {
                Column[] expected = plain.tables().get(table).columns();
                Column[] columns = kept.tables().get(table).columns();
                for (int i = 0; i < columns.length; i++) {
                    assertThat(columns[i].isEncodedOnly()).isTrue();
                    assertThat(expected[i].isEncodedOnly()).isFalse();
                    assertThat(columns[i].stats()).isEqualTo(expected[i].stats());
                }
            }
            assertSame(kept, batch);
        }
    }

    @Test
    void knownDevices_areTheSameObjects() throws Exception {
        KnownDevices known = new KnownDevices();
        BatchBuilder many = new BatchBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.row(new Device("d" + i % 9000, Map.of("n", "" + i % 9000 % 5000)), i)
                    .set("v", (long) i);
        }
        byte[] bytes = BatchCodec.encode(mixed());
        Batch first = BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, known);
        Batch second = BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, known);
        assertThat(second.devices().get(0)).isSameAs(first.devices().get(0));
        Batch rows = many.build();
        byte[] more = BatchCodec.encode(rows);
        for (int i = 0; i < 3; i++) {
            assertSame(BatchCodec.decodeToKeep(more, BatchLimits.DEFAULT, known), rows);
        }
        assertSame(BatchCodec.decodeToKeep(bytes, BatchLimits.DEFAULT, known), mixed());
    }

    @Test
    void batchToKeep_ofSeveralDevices_isDecoded() throws Exception {
        Batch kept = BatchCodec.decodeToKeep(BatchCodec.encode(mixed()), BatchLimits.DEFAULT, new KnownDevices());
        assertSame(kept, mixed());
        assertThat(kept.tables().get(0).columns()[0].isEncodedOnly()).isFalse();
    }

    @Test
    void envelope_tellsReadingCount() throws Exception {
        assertThat(BatchCodec.readingCount(BatchCodec.encode(mixed()))).isEqualTo(mixed().readingCount());
    }

    @Test
    void emptyBatch_survivesRoundTrip() throws Exception {
        Batch batch = new BatchBuilder().build();

        assertSame(BatchCodec.decode(BatchCodec.encode(batch), BatchLimits.DEFAULT), batch);
    }

    @Test
    void flippedBit_isRefused() {
        byte[] bytes = BatchCodec.encode(mixed(), false);
        bytes[bytes.length - 1] ^= 1;

        assertThatThrownBy(() -> BatchCodec.decode(bytes, BatchLimits.DEFAULT))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageContaining("CRC");
    }

    @Test
    void limits_areChecked() {
        byte[] bytes = BatchCodec.encode(mixed());

        assertThatThrownBy(() -> BatchCodec.decode(bytes, new BatchLimits(10, 1000, 1000, 1000)))
                .isInstanceOf(InvalidBatchException.class);
        assertThatThrownBy(() -> BatchCodec.decode(bytes, new BatchLimits(10_000, 10, 1000, 1000)))
                .isInstanceOf(InvalidBatchException.class);
        assertThatThrownBy(() -> BatchCodec.decode(bytes, new BatchLimits(10_000, 1000, 3, 1000)))
                .isInstanceOf(InvalidBatchException.class);
        assertThatThrownBy(() -> BatchCodec.decode(bytes, new BatchLimits(10_000, 1000, 1000, 3)))
                .isInstanceOf(InvalidBatchException.class);
    }

    private static Batch mixed() {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 5; i++) {
            builder.row(i % 2 == 0 ? PUMP : FAN, 1_000_000_000L * i, 7L + i)
                    .set("temperature", 20.5 + i)
                    .set(new Channel("count", ValueType.LONG, "1"), 40L + i, i == 3 ? Quality.BAD_SENSOR : Quality.GOOD)
                    .set("open", i % 3 == 0)
                    .set("state", i % 2 == 0 ? "läuft" : "steht");
        }
        builder.row(FAN, Table.STAMP_ON_ARRIVAL).set("temperature", Double.NaN);
        return builder.build();
    }

    static void assertSame(Batch actual, Batch expected) {
        assertThat(actual.devices()).isEqualTo(expected.devices());
        assertThat(actual.channels()).isEqualTo(expected.channels());
        assertThat(actual.tables()).hasSameSizeAs(expected.tables());
        for (int i = 0; i < actual.tables().size(); i++) {
            Table a = actual.tables().get(i);
            Table e = expected.tables().get(i);
            assertThat(a.rows()).isEqualTo(e.rows());
            assertThat(a.runDevice()).isEqualTo(e.runDevice());
            assertThat(a.runLength()).isEqualTo(e.runLength());
            assertThat(a.channels()).isEqualTo(e.channels());
            for (int row = 0; row < a.rows(); row++) {
                assertThat(a.eventTimes()[row]).isEqualTo(e.eventTimes()[row]);
                assertThat(a.edgeTimes()[row]).isEqualTo(e.edgeTimes()[row]);
            }
            for (int c = 0; c < a.columns().length; c++) {
                assertThat(a.columns()[c].sameAs(e.columns()[c], a.rows()))
                        .as("%s = %s", a.columns()[c], e.columns()[c])
                        .isTrue();
            }
        }
    }
}
