package io.tributary.sim.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.ledger.LedgerWriter;
import io.tributary.sim.link.DeliveryLog.Result;
import io.tributary.sim.row.Row;
import io.tributary.sim.verify.Account.Difference;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification against a collector in which everything wrong was planted. */
class VerificationTest {
    private static final Channel TEMPERATURE = Channel.of("t", ValueType.DOUBLE);
    private static final Channel COUNT = Channel.of("n", ValueType.LONG);
    private static final Channel DOOR = Channel.of("door", ValueType.BOOL);
    private static final Channel STATE = Channel.of("state", ValueType.STRING);
    private static final long BASE = 1_700_000_000_000_000_001L;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private FakeCollector collector;

    private long deliveries;

    @BeforeEach
    void startCollector() throws IOException {
        collector = new FakeCollector();
    }

    @AfterEach
    void stopCollector() {
        collector.close();
    }

    @Test
    void equal_accounts_have_no_difference() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(writer, Result.ACCEPTED, everyKind("d1", BASE), everyKind("d 2&=", BASE - 3));
        }
        for (Row row : List.of(everyKind("d1", BASE), everyKind("d 2&=", BASE - 3))) {
            store(row);
        }
        Verification.Report report = verify(ledger);
        assertThat(report.account().line()).isEqualTo("lost 0 duplicated 0 altered 0 unexpected 0");
        assertThat(report.account().compared())
                .isEqualTo(2L * everyKind("d1", BASE).size());
        assertThat(text(report)).endsWith("lost 0 duplicated 0 altered 0 unexpected 0" + System.lineSeparator());
    }

    @Test
    void each_planted_difference_is_found() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            for (int i = 0; i < 100; i++) {
                record(writer, Result.ACCEPTED, temperature("truck-" + i % 10, BASE + i, 0.1 * i));
            }
            record(writer, Result.REJECTED, temperature("truck-1", BASE + 500, 5));
        }
        for (int i = 0; i < 100; i++) {
            double value = i == 50 ? Math.nextUp(0.1 * i) : 0.1 * i;
            if (i != 7 && i != 8) {
                collector.add("truck-" + i % 10, "t", BASE + i, value);
            }
        }
        collector.add("truck-3", "t", BASE + 3, 0.1 * 3);
        collector.add("truck-4", "other", BASE + 4, 1.0);
        collector.add("truck-1", "t", BASE + 500, 5.0);
        collector.add("stranger", "t", BASE, 1.0);

        Verification.Report report = verify(ledger);
        assertThat(report.account().line()).isEqualTo("lost 2 duplicated 1 altered 1 unexpected 2");
        assertThat(report.account().samples(Difference.LOST).get(0))
                .startsWith("truck-7 t 2023-11-14T22:13:20.000000008Z: expected 0.7");
        assertThat(report.classes()).hasSize(1);
        assertThat(report.classes().get(0).name()).isEqualTo("truck-#");
        assertThat(report.classes().get(0).devices()).isEqualTo(6);
        String text = text(report);
        assertThat(text).contains("truck-#").contains("altered: truck-0 t").contains("rejected 1");
        assertThat(ReportText.json(report)).contains("\"lost\":2,\"duplicated\":1,\"altered\":1,\"unexpected\":2");
    }

    @Test
    void values_that_look_alike_are_told_apart() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(
                    writer,
                    Result.ACCEPTED,
                    Row.builder(Device.of("d"), BASE, 4)
                            .add(TEMPERATURE, 0.0)
                            .add(COUNT, Long.MAX_VALUE)
                            .add(DOOR, true)
                            .add(STATE, "3")
                            .build(),
                    Row.builder(Device.of("d"), BASE + 1, 2)
                            .add(TEMPERATURE, 1.5)
                            .add(COUNT, 3)
                            .build(),
                    Row.builder(Device.of("d"), BASE + 2, 1)
                            .add(TEMPERATURE, Double.doubleToRawLongBits(1.5), null, Quality.BAD_SENSOR)
                            .build());
        }
        collector.add("d", "t", BASE, -0.0);
        collector.add("d", "n", BASE, Long.MAX_VALUE - 1);
        collector.add("d", "door", BASE, 1L);
        collector.add("d", "state", BASE, 3L);
        collector.add(new FakeCollector.Stored("d", "t", BASE + 1, "1.5", "uncertain"));
        collector.add("d", "n", BASE + 1, 3.0);
        collector.add(new FakeCollector.Stored("d", "t", BASE + 2, "1.5", "bad_sensor"));
        assertThat(verify(ledger).account().line()).isEqualTo("lost 0 duplicated 0 altered 6 unexpected 0");
    }

    @Test
    void json_that_means_the_same_double_is_equal() throws Exception {
        Path ledger = directory.resolve("ledger");
        double[] values = {3, 1e22, Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, 12345678901234567890.0
        };
        String[] told = {"3", "1.0E22", "\"NaN\"", "\"-Infinity\"", "-0.0", "4.9E-324", "12345678901234567000"};
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            for (int i = 0; i < values.length; i++) {
                record(writer, Result.ACCEPTED, temperature("d", BASE + i, values[i]));
            }
        }
        for (int i = 0; i < told.length; i++) {
            collector.add(new FakeCollector.Stored("d", "t", BASE + i, told[i], "good"));
        }
        Verification.Report report = verify(ledger);
        assertThat(report.account().line()).as(text(report)).isEqualTo("lost 0 duplicated 0 altered 0 unexpected 0");
    }

    @Test
    void the_value_accepted_last_counts_and_what_is_in_doubt_may_be_either() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 1));
            record(writer, Result.ACCEPTED, temperature("d", BASE, 2));
            record(writer, Result.ACCEPTED, temperature("d", BASE, 2));
            record(writer, Result.ACCEPTED, temperature("d", BASE + 1, 1));
            writer.sending(deliveries++, List.of(temperature("d", BASE + 1, 9)));
            writer.sending(deliveries++, List.of(temperature("d", BASE + 2, 5), temperature("d", BASE + 3, 5)));
            record(writer, Result.UNSENT, temperature("d", BASE + 4, 5));
        }
        collector.add("d", "t", BASE, 2.0);
        collector.add("d", "t", BASE + 1, 9.0);
        collector.add("d", "t", BASE + 3, 5.0);
        Verification.Report report = verify(ledger);
        assertThat(report.account().line()).isEqualTo("lost 0 duplicated 0 altered 0 unexpected 0");
        assertThat(report.totals()).isEqualTo(new LedgerTotals(4, 2, 1, 1, 0, 3, 0));
        assertThat(report.account().doubtStored()).isEqualTo(2);
        assertThat(report.account().doubtAbsent()).isEqualTo(1);
        collector.add("d", "t", BASE + 4, 5.0);
        assertThat(verify(ledger).account().line()).isEqualTo("lost 0 duplicated 0 altered 0 unexpected 1");
    }

    @Test
    void several_ledgers_count_in_their_order() throws Exception {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        try (LedgerWriter writer = LedgerWriter.open(first)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 1), temperature("d", BASE + 1, 1));
        }
        try (LedgerWriter writer = LedgerWriter.open(second)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 2));
        }
        collector.add("d", "t", BASE, 2.0);
        collector.add("d", "t", BASE + 1, 1.0);
        assertThat(verify(first, second).account().isClean()).isTrue();
        assertThat(verify(second, first).account().line()).isEqualTo("lost 0 duplicated 0 altered 1 unexpected 0");
    }

    @Test
    void more_readings_than_memory_holds_are_compared_through_files() throws Exception {
        Random random = new Random(5);
        Map<Long, Double> last = new TreeMap<>();
        Path file = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(file)) {
            for (int i = 0; i < 5000; i++) {
                long time = BASE + random.nextInt(3000);
                double value = random.nextDouble();
                record(writer, Result.ACCEPTED, temperature("d", time, value));
                last.put(time, value);
            }
        }
        List<Long> times = new ArrayList<>(last.keySet());
        Collections.shuffle(times, random);
        for (long time : times) {
            collector.add("d", "t", time, last.getOrDefault(time, 0.0));
        }
        try (Expectations expectations = Expectations.read(List.of(file), directory, 100)) {
            CollectorReadings readings = new CollectorReadings(CollectorAccess.open(collector.uri()), 700);
            Account account = new DeviceComparison(expectations, readings, directory, 100).compare(0);
            assertThat(account.line()).isEqualTo("lost 0 duplicated 0 altered 0 unexpected 0");
            assertThat(account.compared()).isEqualTo(last.size());
            assertThat(expectations.totals().replaced()).isEqualTo(5000 - last.size());
        }
        assertThat(collector.requests()).isEqualTo((last.size() + 699) / 700);
        assertThat(directory.toFile().list()).containsExactly("ledger");
    }

    @Test
    void waiting_asks_again_until_everything_is_there() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 1), temperature("e", BASE, 1));
        }
        collector.failNext(1);
        collector.add("e", "t", BASE, 1.0);
        int[] pauses = {0};
        Verification verification = new Verification(
                List.of(ledger), CollectorAccess.open(collector.uri()), 10, Duration.ofDays(1), () -> 0, duration -> {
                    if (++pauses[0] == 3) {
                        collector.add("d", "t", BASE, 1.0);
                    }
                    return false;
                });
        assertThat(verification.run().account().isClean()).isTrue();
        assertThat(pauses[0]).isEqualTo(3);
    }

    @Test
    void a_collector_that_answers_with_something_else_is_an_error() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 1));
        }
        collector.failNext(1);
        assertThatThrownBy(() -> verify(ledger)).hasMessageContaining("503").hasMessageContaining("on fire");
        collector.add(new FakeCollector.Stored("d", "t", BASE, "[1]", "good"));
        assertThatThrownBy(() -> verify(ledger)).isInstanceOf(IOException.class);
    }

    @Test
    void a_server_that_is_no_collector_is_an_error_and_not_a_loss() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(ledger)) {
            record(writer, Result.ACCEPTED, temperature("d", BASE, 1));
        }
        Verification elsewhere = new Verification(
                List.of(ledger),
                CollectorAccess.open(collector.uri().resolve("/elsewhere")),
                13,
                Duration.ZERO,
                () -> 0,
                duration -> true);
        assertThatThrownBy(elsewhere::run).isInstanceOf(IOException.class).hasMessageContaining("404");
        assertThat(verify(ledger).account().line()).isEqualTo("lost 1 duplicated 0 altered 0 unexpected 0");
    }

    private Verification.Report verify(Path... ledgers) throws Exception {
        return new Verification(
                        List.of(ledgers),
                        CollectorAccess.open(collector.uri()),
                        13,
                        Duration.ZERO,
                        () -> 0,
                        duration -> true)
                .run();
    }

    private void record(LedgerWriter writer, Result result, Row... rows) throws IOException {
        long id = deliveries++;
        writer.sending(id, List.of(rows));
        writer.settled(id, 0, rows.length, result);
    }

    private void store(Row row) {
        for (int i = 0; i < row.size(); i++) {
            collector.add(row.device().id(), row.channel(i).name(), row.eventTimeNs(), row.value(i));
        }
    }

    private static Row temperature(String device, long time, double value) {
        return Row.builder(Device.of(device), time, 1).add(TEMPERATURE, value).build();
    }

    private static Row everyKind(String device, long time) {
        return Row.builder(Device.of(device), time, 4)
                .add(TEMPERATURE, 0.1 + 0.2)
                .add(COUNT, Long.MIN_VALUE)
                .add(DOOR, false)
                .add(STATE, "\"ü\\")
                .build();
    }

    private static String text(Verification.Report report) {
        StringWriter out = new StringWriter();
        ReportText.print(report, new PrintWriter(out));
        return out.toString();
    }
}
