package io.tributary.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProcessingTest {
    private static final long SECOND = 1_000_000_000L;

    private final HeldIntake outbox = new HeldIntake();
    private final ManualClock clock = new ManualClock();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<String> answers = new ArrayList<>();
    private final Receipt receipt = new Receipt() {
        @Override
        public void taken() {
            answers.add("taken");
        }

        @Override
        public void refused(Refusal refusal) {
            answers.add(refusal.cause());
        }
    };

    record Section(List<ProcessRule> process) {}

    private static List<ProcessRule> rules(String yaml) throws ConfigException {
        return ConfigReader.parse("process:\n" + yaml.indent(2), "test", Section.class)
                .process();
    }

    private Processing processing(String yaml) throws ConfigException {
        return new Processing(rules(yaml), outbox, clock, registry);
    }

    private static Batch reading(String channel, double value, long seconds) {
        return new BatchBuilder()
                .row(Device.of("d"), seconds * SECOND)
                .set(channel, value)
                .build();
    }

    private void take(Processing processing, double... valuesEverySecond) {
        for (int i = 0; i < valuesEverySecond.length; i++) {
            processing.take("s", reading("t", valuesEverySecond[i], i), Durability.SYNCED, receipt);
        }
    }

    private double metric(String name, String... labels) {
        for (MetricSnapshot each : registry.scrape()) {
            if (each instanceof CounterSnapshot counter
                    && counter.getMetadata().getName().equals(name)) {
                return counter.getDataPoints().stream()
                        .filter(point -> List.of(labels).stream()
                                .allMatch(label -> point.getLabels().stream()
                                        .anyMatch(has -> has.getValue().equals(label))))
                        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                        .sum();
            } else if (each instanceof GaugeSnapshot gauge
                    && gauge.getMetadata().getName().equals(name)) {
                return gauge.getDataPoints().get(0).getValue();
            }
        }
        throw new AssertionError(name);
    }

    private double suppressed(String cause) {
        return metric("tributary_agent_suppressed_readings", "s", cause);
    }

    @Test
    void withoutMatchingRule_theSameBatchGoesOn() throws Exception {
        Batch batch = reading("t", 1, 1);
        processing("[]").take("s", batch, Durability.SYNCED, receipt);
        try (Processing other =
                new Processing(rules("[{channel: x*, on-change: true}]"), outbox, clock, new PrometheusRegistry())) {
            other.take("s", batch, Durability.WRITTEN, receipt);
        }
        assertThat(outbox.batches).containsExactly(batch, batch);
        assertThat(outbox.batches.get(1)).isSameAs(batch);
        assertThat(answers).containsExactly("taken", "taken");
    }

    @Test
    void firstMatchingRule_decides_othersAreUntouched() throws Exception {
        Processing processing = processing("""
                - {device: "d*", channel: t, source: "s*", scale: 2, offset: 1, unit: Cel}
                - {channel: "*", scale: 100}
                """);
        Batch batch = new BatchBuilder()
                .row(Device.of("d1"), SECOND)
                .set("t", 10L)
                .set("u", 1.5)
                .set("n", "text")
                .row(Device.of("x"), SECOND)
                .set(new Channel("t", ValueType.DOUBLE, "K"), 2.0, 0x81)
                .build();
        processing.take("s1", batch, Durability.SYNCED, receipt);
        assertThat(outbox.taken)
                .containsExactlyInAnyOrder("d1 t=21.0[Cel] @1", "d1 u=150.0 @1", "d1 n=text @1", "x t=200.0[K] @1 !81");
        assertThat(metric("tributary_agent_process_readings", "d* t", "1-scale", "changed"))
                .isEqualTo(1);
        assertThat(metric("tributary_agent_process_readings", "* *", "1-scale", "changed"))
                .isEqualTo(2);
        assertThat(metric("tributary_agent_process_readings", "* *", "6-end", "passed"))
                .isEqualTo(3);
    }

    @Test
    void implausible_isMarkedOrDropped() throws Exception {
        take(processing("[{plausible: {min: 0, max: 10}}]"), 5, -1, 11, Double.NaN, 10);
        assertThat(outbox.taken)
                .containsExactly("d t=5.0 @0", "d t=-1.0 @1 !42", "d t=11.0 @2 !42", "d t=NaN @3 !42", "d t=10.0 @4");
        outbox.taken.clear();
        take(
                new Processing(
                        rules("[{plausible: {max: 10, otherwise: drop}}]"), outbox, clock, new PrometheusRegistry()),
                5,
                11);
        assertThat(outbox.taken).containsExactly("d t=5.0 @0");
        assertThat(answers).hasSize(7).containsOnly("taken");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "on-change: true;1 1 2 2 1;1@0 2@2 1@4;on-change=2",
                "deadband: {absolute: 0.5};10 10.5 10.6 10.2 10;10@0 10.6@2 10@4;deadband=2",
                "deadband: {percent: 10};100 109 111 121 0 0.1;100@0 111@2 0@4 0.1@5;deadband=2",
                "min-interval: 2s;1 2 3 4 5;1@0 3@2 5@4;min-interval=2",
                "on-change: true, max-interval: 2s;1 1 1 1 1;1@0 1@2 1@4;on-change=2",
                "on-change: true, min-interval: 2s;1 2 2 2 3;1@0 2@2 3@4;min-interval=1 on-change=1",
                "deadband: {absolute: 1};NaN NaN 1;NaN@0 1@2;deadband=1",
            })
    void filters_passWhatSaysSomething(String rule, String values, String passed, String causes) throws Exception {
        take(
                processing("[{" + rule + "}]"),
                List.of(values.split(" ", -1)).stream()
                        .mapToDouble(Double::parseDouble)
                        .toArray());
        List<String> expected = new ArrayList<>();
        for (String each : passed.split(" ", -1)) {
            String[] parts = each.split("@", -1);
            expected.add("d t=" + Double.parseDouble(parts[0]) + " @" + parts[1]);
        }
        assertThat(outbox.taken).isEqualTo(expected);
        for (String each : causes.split(" ", -1)) {
            String[] parts = each.split("=", -1);
            assertThat(suppressed(parts[0])).isEqualTo(Double.parseDouble(parts[1]));
        }
        assertThat(answers).containsOnly("taken").hasSize(values.split(" ", -1).length);
    }

    @Test
    void textsAndBools_areFilteredByEquality_lateAndOtherQualityPass() throws Exception {
        Processing processing = processing("[{deadband: {absolute: 5}}]");
        for (String text : new String[] {"a", "a", "b"}) {
            processing.take(
                    "s",
                    new BatchBuilder()
                            .row(Device.of("d"), SECOND)
                            .set("n", text)
                            .build(),
                    Durability.SYNCED,
                    receipt);
        }
        take(processing, 1, 2);
        processing.take("s", reading("t", 2, -100), Durability.SYNCED, receipt);
        Batch bad = new BatchBuilder()
                .row(Device.of("d"), 3 * SECOND)
                .set(new Channel("t", ValueType.DOUBLE, ""), 1.0, Quality.BAD)
                .build();
        processing.take("s", bad, Durability.SYNCED, receipt);
        assertThat(outbox.taken)
                .containsExactly("d n=a @1", "d n=b @1", "d t=1.0 @0", "d t=2.0 @-100", "d t=1.0 @3 !80");
        assertThat(metric("tributary_agent_process_readings", "passed-late")).isEqualTo(1);
    }

    @Test
    void refusedReading_passesWhenItComesAgain_andCountsOnce() throws Exception {
        Processing processing = processing("[{on-change: true}]");
        take(processing, 1, 1);
        outbox.refuse("take"::equals);
        processing.take("s", reading("t", 2, 5), Durability.SYNCED, receipt);
        outbox.refuse(what -> false);
        processing.take("s", reading("t", 2, 5), Durability.SYNCED, receipt);
        processing.take("s", reading("t", 2, 6), Durability.SYNCED, receipt);
        assertThat(outbox.taken).containsExactly("d t=1.0 @0", "d t=2.0 @5");
        assertThat(answers).containsExactly("taken", "taken", "queue-full", "taken", "taken");
        assertThat(suppressed("on-change")).isEqualTo(2);
        assertThat(metric("tributary_agent_process_readings", "6-end", "passed"))
                .isEqualTo(2);
    }

    @Test
    void windows_sumUp_andCloseWithTheNextOne() throws Exception {
        Processing processing =
                processing("[{window: {every: 10s, functions: [avg, min, max, sum, count, first, last]}}]");
        for (long second : new long[] {10, 13, 12, 19}) {
            processing.take("s", reading("t", (double) second, second), Durability.SYNCED, receipt);
        }
        assertThat(outbox.taken).isEmpty();
        assertThat(metric("tributary_agent_process_window_readings")).isEqualTo(4);
        processing.take("s", reading("t", 0, 25), Durability.SYNCED, receipt);
        assertThat(outbox.taken)
                .containsExactlyInAnyOrder(
                        "d t.avg=13.5 @10",
                        "d t.min=10.0 @10",
                        "d t.max=19.0 @10",
                        "d t.sum=54.0 @10",
                        "d t.count=4 @10",
                        "d t.first=10.0 @10",
                        "d t.last=19.0 @10");
        processing.take("s", reading("t", 7, 15), Durability.SYNCED, receipt); // late: goes on as it is
        assertThat(outbox.taken).contains("d t=7.0 @15");
        assertThat(suppressed("windowed")).isEqualTo(5);
        assertThat(metric("tributary_agent_process_aggregates", "s")).isEqualTo(7);
        assertThat(metric("tributary_agent_process_window_readings")).isEqualTo(1);
    }

    @Test
    void windows_takeWholeNumbersExactly_andLeaveTextsAndBadOnesAlone() throws Exception {
        Processing processing = processing("[{window: {every: 10s, functions: [max], channel: \"{channel}\"}}]");
        Batch batch = new BatchBuilder()
                .row(Device.of("d"), SECOND)
                .set("n", 9007199254740993L)
                .set("text", "x")
                .set(Channel.of("b", ValueType.DOUBLE), 1.0, Quality.BAD)
                .set(Channel.of("u", ValueType.DOUBLE), 2.0, Quality.UNCERTAIN)
                .row(Device.of("d"), 2 * SECOND)
                .set("n", 9007199254740992L)
                .build();
        processing.take("s", batch, Durability.SYNCED, receipt);
        assertThat(outbox.taken).containsExactlyInAnyOrder("d text=x @1", "d b=1.0 @1 !80");
        outbox.taken.clear();
        processing.close();
        assertThat(outbox.taken).containsExactlyInAnyOrder("d n=9007199254740993 @0", "d u=2.0 @0 !40");
    }

    @Test
    void silentWindows_closeWithTime_andWithTheEnd() throws Exception {
        Processing processing = processing("[{window: {every: 10s, functions: [count]}}]");
        take(processing, 1, 2, 3);
        clock.advance(9 * SECOND);
        processing.tick();
        assertThat(outbox.taken).isEmpty();
        clock.advance(SECOND);
        processing.tick();
        assertThat(outbox.taken).containsExactly("d t.count=3 @0");
        processing.take("s", reading("t", 1, 30), Durability.SYNCED, receipt);
        processing.close();
        processing.close();
        assertThat(outbox.taken).containsExactly("d t.count=3 @0", "d t.count=1 @30");
    }

    @Test
    void aggregatesWaitForTheOutbox_andWindowsPushBackWhenTooManyDo() throws Exception {
        Processing processing = processing("[{window: {every: 1s, functions: [last]}}]");
        outbox.refuse("take"::equals);
        long second = 0;
        while (answers.isEmpty() || answers.get(answers.size() - 1).equals("taken")) {
            processing.take("s", reading("t", (double) second, second), Durability.SYNCED, receipt);
            second++;
        }
        assertThat(answers.get(answers.size() - 1)).isEqualTo("process-full");
        assertThat(second).isBetween(20_000L, 20_010L);
        outbox.refuse(what -> false);
        processing.tick();
        assertThat(outbox.taken).hasSize(20_000).startsWith("d t.last=0.0 @0", "d t.last=1.0 @1");
        processing.take("s", reading("t", (double) second, second - 1), Durability.SYNCED, receipt);
        assertThat(answers.get(answers.size() - 1)).isEqualTo("taken");
    }

    @Test
    void namesThatWouldBeTooLong_goOnAsTheyAre() throws Exception {
        Processing processing = processing("[{window: {every: 10s}}]");
        String name = "n".repeat(254);
        processing.take("s", reading(name, 1, 1), Durability.SYNCED, receipt);
        processing.close();
        assertThat(outbox.taken).containsExactly("d " + name + "=1.0 @1");
    }

    @Test
    void readingsWithoutTime_areFilteredByTheClock_andStayWithout() throws Exception {
        Processing processing = processing("[{min-interval: 10s}]");
        for (int i = 0; i < 3; i++) {
            processing.take(
                    "s",
                    new BatchBuilder()
                            .row(Device.of("d"), Table.STAMP_ON_ARRIVAL)
                            .set("t", i)
                            .build(),
                    Durability.SYNCED,
                    receipt);
            clock.advance(6 * SECOND);
        }
        assertThat(outbox.taken).containsExactly("d t=0", "d t=2");
    }

    @Test
    void memory_isBounded_andWhatIsForgottenPasses() throws Exception {
        Processing processing = processing("[{on-change: true}]");
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < SeriesStates.MAX + 10; i += 100) {
                BatchBuilder batch = new BatchBuilder();
                for (int j = i; j < i + 100; j++) {
                    batch.row(Device.of("d" + j), round).set("t", 1.0);
                }
                processing.take("s", batch.build(), Durability.SYNCED, receipt);
            }
        }
        assertThat(metric("tributary_agent_process_series")).isEqualTo(SeriesStates.MAX);
        assertThat(metric("tributary_agent_process_forgotten_series")).isGreaterThan(90);
        assertThat(outbox.taken.size() + suppressed("on-change")).isEqualTo(2 * (SeriesStates.MAX + 100));
    }

    /** Whatever is refused and comes again: nothing is lost and nothing is counted twice. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void account_holdsAgainstAnOutboxThatRefusesAtRandom(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Processing processing = processing("""
                - {channel: w, window: {every: 5s, functions: [count], channel: "{channel}"}}
                - {channel: c, on-change: true}
                """);
        outbox.refuse(what -> random.nextInt(3) == 0);
        double given = 0;
        Map<String, Double> last = new HashMap<>();
        for (int i = 0; i < 2_000; i++) {
            String channel = random.nextBoolean() ? "w" : random.nextBoolean() ? "c" : "raw";
            double value = random.nextInt(3);
            Batch batch = reading(channel, value, i + random.nextInt(4) - 2);
            do {
                answers.clear();
                processing.take("s", batch, Durability.SYNCED, receipt);
            } while (!answers.get(0).equals("taken"));
            given++;
            last.put(channel, value);
        }
        outbox.refuse(what -> false);
        processing.close();
        double inWindows = 0;
        long others = 0;
        long late = 0;
        for (Batch batch : outbox.batches) {
            for (String line : HeldIntake.shown(batch)) {
                if (line.startsWith("d w=") && batch.channels().get(0).type() == ValueType.LONG) {
                    inWindows += Double.parseDouble(line.substring(4, line.indexOf(' ', 4)));
                } else {
                    others++;
                    late += line.startsWith("d w=") ? 1 : 0;
                }
            }
        }
        assertThat(inWindows + others + suppressed("on-change")).isEqualTo(given);
        assertThat(inWindows).isEqualTo(suppressed("windowed"));
        assertThat(late).isPositive();
        assertThat(last).containsKeys("w", "c", "raw");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "scale: 0;scale is 0, expected a factor",
                "min-interval: 0s;min-interval is PT0S, expected more than 0",
                "max-interval: 1s;max-interval without on-change, deadband or min-interval",
                "min-interval: 2s, max-interval: 1s;max-interval is PT1S, expected at least min-interval",
                "deadband: {};deadband with neither of absolute and percent",
                "deadband: {absolute: 1, percent: 1};deadband with both of absolute and percent",
                "deadband: {absolute: 0};deadband of 0.0, expected more than 0",
                "plausible: {};plausible without min and max",
                "plausible: {min: 2, max: 1};min is 2.0, expected at most max",
                "window: {every: 1s}, on-change: true;window together with on-change",
                "window: {every: 1s, functions: []};functions is []",
                "window: {every: 1s, channel: x};expected a text with {channel}",
                "window: {every: 2d};every is PT48H, expected 1 millisecond to a day",
                "device: '';expected a pattern of 1 to 255 characters",
            })
    void badRules_sayWhatIsExpected(String rule, String message) {
        assertThatThrownBy(() -> rules("[{" + rule + "}]")).hasMessageContaining(message);
    }
}
