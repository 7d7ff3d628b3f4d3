package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a device is in memory, and how long that is known to be right. */
class HeldReadingsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LATER = T0 + 3600 * SECOND;
    private static final int ROWS = 20;

    @TempDir
    Path directory;

    private long sequence;

    private void append(TestEngine engine, long fromNs, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = fromNs + i * SECOND;
            builder.row(Device.of("d"), event, event).set("v", (double) i).set("w", (long) i);
        }
        Batch batch = builder.build();
        engine.append("agent", 1, sequence, batch);
        sequence += batch.readingCount();
    }

    private static long held(TestEngine engine, long fromNs, long toNs) {
        return engine.engine.reader().held("d", "v"::equals, fromNs, toNs);
    }

    @Test
    void chunks_areHeldAfterTheyWereRead() throws IOException {
        try (TestEngine engine = new TestEngine(directory, TestEngine.SMALL)) {
            append(engine, T0, ROWS);
            engine.engine.flush();
            assertThat(held(engine, T0, T0 + 30 * SECOND)).isEqualTo(Long.MAX_VALUE);
            assertThat(engine.series("d", "v")).hasSize(ROWS);
            assertThat(engine.engine.catalog().names()).isNotNull();
            assertThat(held(engine, T0, T0 + 30 * SECOND)).isEqualTo(ROWS);
            assertThat(held(engine, T0 - 30 * SECOND, T0)).isZero();
        }
    }

    @Test
    void chunks_stayHeld_whileOtherBucketsAreWritten() throws IOException {
        try (TestEngine engine = new TestEngine(directory, TestEngine.SMALL)) {
            append(engine, T0, ROWS);
            engine.engine.flush();
            assertThat(engine.series("d", "v")).hasSize(ROWS);
            assertThat(engine.engine.catalog().names()).isNotNull();

            append(engine, LATER, ROWS);
            assertThat(held(engine, T0, LATER + SECOND)).isGreaterThan(ROWS);
            engine.engine.flush();
            assertThat(held(engine, T0, T0 + 30 * SECOND)).isEqualTo(ROWS);
            assertThat(held(engine, T0, LATER + SECOND)).isEqualTo(Long.MAX_VALUE);

            append(engine, T0 + ROWS * SECOND, 1); // late
            engine.engine.flush();
            assertThat(held(engine, T0, T0 + 30 * SECOND)).isEqualTo(Long.MAX_VALUE);
            assertThat(engine.series("d", "v")).hasSize(2 * ROWS + 1);
            assertThat(held(engine, T0, T0 + 30 * SECOND)).isEqualTo(ROWS + 1);
        }
    }
}
