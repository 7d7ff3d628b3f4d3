package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeSeriesEngineTest {
    private static final Origin ORIGIN = new Origin("agent", 1);

    @TempDir
    Path directory;

    private static Batch batch(String device, long from, int rows, double value) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            builder.row(new Device(device, Map.of("site", "a")), T0 + (from + i) * 1_000_000_000L, T0 + 5)
                    .set("t", value + i)
                    .set("n", (long) i)
                    .set("on", i % 2 == 0)
                    .set("state", i % 3 == 0 ? "idle" : "busy");
        }
        return builder.build();
    }

    @Test
    void append_isVisibleWhenAcknowledged() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            long time = engine.append("agent", 1, 0, batch("d1", 0, 10, 20));
            assertThat(engine.series("d1", "t")).hasSize(10).containsEntry(T0, 20.0);
            assertThat(engine.series("d1", "state").values()).startsWith("idle", "busy", "busy", "idle");
            assertThat(engine.engine.reader().latest("d1", null))
                    .hasSize(4)
                    .allMatch(latest -> latest.collectorTimeNs() == time && latest.edgeTimeNs() == T0 + 5);
            assertThat(engine.engine.catalog().devices(Glob.ALL, Map.of("site", "a"), 10, null))
                    .singleElement()
                    .matches(device -> device.id().equals("d1") && device.lastEventTimeNs() == T0 + 9_000_000_000L);
            assertThat(engine.engine.writer().received(ORIGIN)).containsExactly(new SequenceRange(0, 40));
        }
    }

    @Test
    void reopening_keepsReadingsAccountsAndTime() throws IOException {
        long before;
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 0, batch("d1", 0, 10, 20));
            before = engine.append("agent", 1, 40, batch("d2", 0, 10, 30));
            engine.loss("agent", 1, 100, 7, "outbox-full");
        }
        try (TestEngine engine =
                new TestEngine(directory, SMALL, InstantSource.fixed(java.time.Instant.ofEpochSecond(5)))) {
            assertThat(engine.series("d1", "t")).hasSize(10);
            assertThat(engine.series("d2", "n")).hasSize(10);
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account)
                    .isEqualTo(new OriginAccount(
                            List.of(new SequenceRange(0, 80)),
                            Map.of("outbox-full", List.of(new SequenceRange(100, 7))),
                            Map.of(),
                            80,
                            0,
                            0,
                            0));
            assertThat(engine.append("agent", 1, 80, batch("d2", 100, 1, 1))).isGreaterThan(before);
        }
    }

    @Test
    void redelivery_storesNothingAndIsCounted() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            Batch both = new BatchBuilder()
                    .row(Device.of("d1"), T0, T0)
                    .set("t", 1.0)
                    .row(Device.of("d2"), T0, T0)
                    .set("t", 2.0)
                    .row(Device.of("d3"), T0, T0)
                    .set("t", 3.0)
                    .build();
            engine.append(
                    "agent",
                    1,
                    0,
                    new BatchBuilder()
                            .row(Device.of("d1"), T0, T0)
                            .set("t", 1.0)
                            .build());
            engine.append("agent", 1, 0, both);
            engine.append("agent", 1, 0, both);
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.stored()).isEqualTo(3);
            assertThat(account.redelivered()).isEqualTo(4);
            assertThat(account.duplicate() + account.replaced()).isZero();
        }
    }

    @Test
    void sameEventTime_laterSequenceWinsAndIsCounted() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            engine.append("agent", 1, 10, batch("d1", 0, 1, 20));
            engine.append("agent", 1, 0, batch("d1", 0, 1, 30)); // an earlier sequence that comes later
            engine.append("agent", 1, 20, batch("d1", 0, 1, 20));
            engine.append("agent", 2, 0, batch("d1", 0, 1, 40));
            assertThat(engine.series("d1", "t")).isEqualTo(new TreeMap<>(Map.of(T0, 40.0)));
            OriginAccount first = engine.engine.accounts().account(ORIGIN);
            assertThat(first.stored()).isZero();
            assertThat(first.replaced()).isEqualTo(2);
            assertThat(first.duplicate()).isEqualTo(10);
            assertThat(engine.engine.accounts().account(new Origin("agent", 2)).stored())
                    .isEqualTo(4);
        }
    }

    @Test
    void rejectedRows_becomeDeadLettersOnce() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            RejectedRows rejected =
                    new RejectedRows(new SequenceRange(0, 6), 2, "future-event-time", "too far", new byte[] {1, 2});
            for (int i = 0; i < 2; i++) {
                engine.appendRejected("agent", 1, 0, batch("d1", 0, 1, 20), new long[][] {{2}}, rejected);
            }
            OriginAccount account = engine.engine.accounts().account(ORIGIN);
            assertThat(account.rejected()).isEqualTo(Map.of("future-event-time", 2L));
            assertThat(account.receivedReadings()).isEqualTo(account.stored() + account.rejectedReadings());
            assertThat(account.redelivered()).isEqualTo(6);
            assertThat(engine.engine.deadLetters().list(null, 10, -1))
                    .singleElement()
                    .matches(letter -> letter.readings() == 2 && letter.payload().length == 2);
        }
    }

    @Test
    void open_ofAStoreInUseOrOfAnotherShape_saysWhatToDo() throws IOException {
        try (TestEngine engine = new TestEngine(directory, SMALL)) {
            assertThatThrownBy(() -> new TestEngine(directory, SMALL))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by another process");
        }
        assertThatThrownBy(() -> TimeSeriesEngine.open(
                        directory, TestEngine.options(8, 3), InstantSource.system(), new PrometheusRegistry()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was created with 4 partitions, configured are 8");
    }
}
