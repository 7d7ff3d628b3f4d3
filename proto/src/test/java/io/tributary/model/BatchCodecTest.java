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
