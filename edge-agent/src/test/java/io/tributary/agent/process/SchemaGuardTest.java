package io.tributary.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.decode.DecodeMetrics;
import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.Message;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchemaGuardTest {
    private final HeldIntake outbox = new HeldIntake();
    private final ManualClock clock = new ManualClock();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<String> answers = new ArrayList<>();

    record Section(SchemaOptions schema) {}

    private SchemaGuard guard(String yaml) throws ConfigException {
        SchemaOptions options = ConfigReader.parse("schema: {" + yaml + "}", "test", Section.class)
                .schema();
        return new SchemaGuard(options, outbox, clock, registry);
    }

    private void take(SchemaGuard guard, Batch batch) {
        guard.take("s", batch, Durability.SYNCED, new Receipt() {
            @Override
            public void taken() {
                answers.add("taken");
            }

            @Override
            public void refused(Refusal refusal) {
                answers.add(refusal.cause());
            }
        });
    }

    private static BatchBuilder row(String device) {
        return new BatchBuilder().row(Device.of(device), 1_000_000_000L);
    }

    private static Batch one(String unit, double value) {
        return row("d").set(new Channel("t", ValueType.DOUBLE, unit), value, 0).build();
    }

    private double count(String name, String... labels) {
        for (MetricSnapshot each : registry.scrape()) {
            if (each instanceof CounterSnapshot counter
                    && counter.getMetadata().getName().equals(name)) {
                return counter.getDataPoints().stream()
                        .filter(point -> List.of(labels).stream()
                                .allMatch(label -> point.getLabels().stream()
                                        .anyMatch(has -> has.getValue().equals(label))))
                        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                        .sum();
            }
        }
        throw new AssertionError(name);
    }

    private double events(String event) {
        return count("tributary_agent_schema_events", event);
    }

    @Test
    void changes_areAcceptedAndCounted_byDefault() throws Exception {
        SchemaGuard guard = guard("");
        Batch first = one("Cel", 1);
        take(guard, first);
        take(guard, one("", 2)); // says nothing of the unit
        take(guard, one("K", 3));
        take(guard, one("K", 4));
        take(guard, row("d").set("t", "text").build());
        assertThat(outbox.batches).hasSize(5);
        assertThat(outbox.batches.get(0)).isSameAs(first);
        assertThat(events("new-channel")).isEqualTo(1);
        assertThat(events("unit-change")).isEqualTo(1);
        assertThat(events("type-change")).isEqualTo(1);
        assertThat(answers).hasSize(5).containsOnly("taken");
    }

    @ParameterizedTest
    @CsvSource({
        "Cel, 20, K, 293.15",
        "K, 273.15, Cel, 0.0",
        "°F, 50, Cel, 10.0",
        "Cel, 100, °F, 212.0",
        "kPa, 101.3, hPa, 1013.0",
        "km/h, 36, m/s, 10.0",
        "%, 50, /, 0.5",
        "mA, 4, A, 0.004",
        "kWh, 1, J, 3600000.0",
    })
    void units_areConvertedToWhatTheChannelHad(String from, double value, String to, double expected) throws Exception {
        SchemaGuard guard = guard("unit-change: convert");
        take(guard, one(to, 1));
        take(guard, one(from, value));
        String shown = outbox.taken.get(1);
        assertThat(shown).contains("[" + to + "]");
        assertThat(Double.parseDouble(shown.substring(4, shown.indexOf('['))))
                .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-9 * Math.max(1, Math.abs(expected))));
        assertThat(events("unit-change")).isEqualTo(1);
        assertThat(count("tributary_agent_schema_readings", "unit-change", "converted"))
                .isEqualTo(1);
    }

    @Test
    void types_areConvertedWhereNothingIsLost() throws Exception {
        SchemaGuard guard = guard("type-change: convert");
        take(
                guard,
                row("d").set("x", 1.5).set("n", 1L).set("b", true).set("s", "a").build());
        take(
                guard,
                row("d").set("x", 2L).set("n", 3.0).set("b", 0L).set("s", 4.5).build());
        take(
                guard,
                row("d").set("x", " 2.5 ")
                        .set("n", "7")
                        .set("b", "true")
                        .set("s", false)
                        .build());
        assertThat(outbox.taken.subList(4, 12))
                .containsExactlyInAnyOrder(
                        "d x=2.0 @1",
                        "d n=3 @1",
                        "d b=false @1",
                        "d s=4.5 @1",
                        "d x=2.5 @1",
                        "d n=7 @1",
                        "d b=true @1",
                        "d s=false @1");
        assertThat(outbox.letters).isEmpty();
        take(
                guard,
                row("d").set("x", "abc")
                        .set("n", 1.5)
                        .set("b", 2L)
                        .set("s", "fine")
                        .build());
        take(guard, row("d").set("x", 9007199254740993L).set("n", "1d").build());
        assertThat(outbox.taken.subList(12, outbox.taken.size())).containsExactly("d s=fine @1");
        assertThat(outbox.letters).hasSize(2);
        assertThat(outbox.letters.get(0))
                .startsWith("schema|type-change: channel \"x\" of \"d\" is string, expected double, and more|")
                .contains("reading,device=d x=\"abc\" 1000000000\n")
                .contains("reading,device=d n=1.5 1000000000\n")
                .contains("reading,device=d b=2i 1000000000\n");
        assertThat(answers).containsOnly("taken");
    }

    @Test
    void deadLetters_areLinesThatCanBeReadAgain() throws Exception {
        SchemaGuard guard = guard("type-change: dead-letter");
        Device device = new Device("d 1,=", Map.of("site", "a b", "empty", ""));
        take(guard, new BatchBuilder().row(device, 5).set("say=it", 1.5).build());
        take(
                guard,
                new BatchBuilder()
                        .row(device, 6)
                        .set("say=it", "line\n\"two\" \\")
                        .set("ok", 7L)
                        .build());
        assertThat(outbox.taken).containsExactly("d 1,= say=it=1.5 @0", "d 1,= ok=7 @0");
        String lines = outbox.letters.get(0).substring(outbox.letters.get(0).lastIndexOf("|") + 1);
        DecoderConfig line =
                ConfigReader.parse("decode: {type: line}", "test", Decode.class).decode();
        Batch again = line.open(new DecoderContext(
                        "s", clock, new DecodeMetrics(new PrometheusRegistry()), RebirthListener.NONE))
                .decode(new Message("", Message.Names.NONE, lines.getBytes(StandardCharsets.UTF_8)));
        assertThat(HeldIntake.shown(again)).containsExactly("d 1,= say=it=line\n\"two\" \\ @0");
        assertThat(again.devices().get(0).tags()).containsExactly(Map.entry("site", "a b"));
        assertThat(count("tributary_agent_schema_readings", "type-change", "dead-letter"))
                .isEqualTo(1);
    }

    record Decode(DecoderConfig decode) {}

    @Test
    void declaredChannels_stayWhatTheyAreDeclaredToBe() throws Exception {
        SchemaGuard guard = guard("unknown-channel: dead-letter, type-change: convert, unit-change: convert,"
                + " channels: [{device: \"d*\", channel: \"t*\", type: double, unit: Cel}, {channel: free}]");
        take(
                guard,
                row("d1")
                        .set(new Channel("temp", ValueType.LONG, "K"), 300, 0)
                        .set("free", "x")
                        .set("other", 1.0)
                        .build());
        take(guard, row("x").set("temp", 1.0).build());
        assertThat(outbox.taken).hasSize(2).contains("d1 free=x @1");
        assertThat(outbox.taken.get(0) + outbox.taken.get(1))
                .contains("d1 temp=26.85")
                .contains("[Cel]");
        assertThat(outbox.letters)
                .containsExactly(
                        "schema|unknown-channel: channel \"other\" of \"d1\" matches none of schema.channels|reading,device=d1 other=1.0 1000000000\n",
                        "schema|unknown-channel: channel \"temp\" of \"x\" matches none of schema.channels|reading,device=x temp=1.0 1000000000\n");
        assertThat(events("unknown-channel")).isEqualTo(2);
    }

    @Test
    void acceptedChangeOfADeclaredChannel_isOneEvent_andTheDeclarationStays() throws Exception {
        SchemaGuard guard = guard("channels: [{channel: t, type: double, unit: Cel}]");
        take(guard, one("K", 1));
        take(guard, one("K", 2));
        take(guard, one("Cel", 3));
        take(guard, one("K", 4));
        assertThat(outbox.batches).hasSize(4);
        assertThat(events("unit-change")).isEqualTo(2);
    }

    @Test
    void unknownUnits_areNotConverted() throws Exception {
        SchemaGuard guard = guard("unit-change: convert");
        take(guard, one("Cel", 1));
        take(guard, one("bananas", 2));
        assertThat(outbox.letters).hasSize(1);
        assertThat(outbox.letters.get(0))
                .startsWith("schema|unit-change: channel \"t\" of \"d\" is double in bananas, expected double in Cel|");
    }

    @Test
    void sourceHearsTaken_whenReadingsAndLettersAre() throws Exception {
        SchemaGuard guard = guard("type-change: dead-letter");
        take(guard, row("d").set("x", 1.5).build());
        Batch mixed = row("d").set("x", "text").set("y", 1L).build();
        answers.clear();
        outbox.refuse("letter"::equals);
        take(guard, mixed);
        outbox.refuse("take"::equals);
        take(guard, mixed);
        assertThat(outbox.letters).isEmpty();
        outbox.refuse(what -> false);
        take(guard, mixed);
        assertThat(answers).containsExactly("queue-full", "queue-full", "taken");
        assertThat(outbox.letters).hasSize(1);
        assertThat(count("tributary_agent_schema_readings", "type-change", "dead-letter"))
                .isEqualTo(1);
    }

    @Test
    void manyLetters_areCutByTheReading() throws Exception {
        SchemaGuard guard = guard("type-change: dead-letter");
        take(guard, row("d").set("x", 1.5).build());
        BatchBuilder many = new BatchBuilder();
        for (int i = 0; i < 2_000; i++) {
            many.row(Device.of("d"), i).set("x", "text");
        }
        take(guard, many.build());
        assertThat(outbox.letters).hasSizeGreaterThan(2);
        assertThat(outbox.letters.stream()
                        .mapToLong(letter -> letter.lines().count())
                        .sum())
                .isEqualTo(2_000);
        assertThat(outbox.letters).allMatch(letter -> letter.length() < 64 << 10);
    }

    @Test
    void memory_isBounded() throws Exception {
        SchemaGuard guard = guard("series-max: 100");
        for (int i = 0; i < 1_000; i++) {
            take(guard, row("d" + i).set("x", 1.5).build());
        }
        assertThat(count("tributary_agent_schema_forgotten_series")).isEqualTo(900);
        assertThat(events("new-channel")).isEqualTo(1_000);
    }

    @Test
    void badOptions_sayWhatIsExpected() {
        assertThatThrownBy(() -> guard("unknown-channel: dead-letter")).hasMessageContaining("all would be unknown");
        assertThatThrownBy(() -> guard("series-max: 0")).hasMessageContaining("series-max is 0, expected 1 to 1000000");
    }
}
