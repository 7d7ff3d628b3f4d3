package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedOutputStream;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against payloads of the reference implementation, and against state that is not there. */
final class SparkplugDecoderTest {
    private static final String TAGS = "{edge-node=edge, group=plant}";

    private final ManualClock clock = new ManualClock();
    private final List<String> asked = new ArrayList<>();
    private final DecodeMetrics metrics = new DecodeMetrics(new PrometheusRegistry());
    private final Decoder decoder = decoder("");

    private Decoder decoder(String yaml) {
        try {
            return Batches.config("type: sparkplug\n" + yaml)
                    .open(new DecoderContext(
                            "test",
                            clock,
                            metrics,
                            (group, node, reason) -> asked.add(group + "/" + node + ": " + reason)));
        } catch (io.tributary.config.ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] payload(String name) throws IOException {
        String file = "/sparkplug/" + name + ".hex";
        try (InputStream in = Objects.requireNonNull(SparkplugDecoderTest.class.getResourceAsStream(file), file)) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", ""));
        }
    }

    private String decode(String topic, byte[] payload) throws MalformedException {
        return shown(decoder.decode(new Message(topic, Message.Names.NONE, payload)));
    }

    private String nbirth() throws Exception {
        return decode("spBv1.0/plant/NBIRTH/edge", payload("nbirth"));
    }

    private String dbirth() throws Exception {
        return decode("spBv1.0/plant/DBIRTH/edge/press", payload("dbirth"));
    }

    private long skipped(String cause) {
        return (long) metrics.skipped.labelValues("test", cause).get();
    }

    @Test
    void births_giveReadingsOfEveryType() throws Exception {
        assertThat(nbirth()).isEqualTo("""
                plant/edge{t} online:BOOL=true @1700000000000000000
                plant/edge{t} cpu:DOUBLE=12.5 @1700000000000000000
                plant/edge{t} uptime:LONG=4000000000 @1700000000000000000""".replace("{t}", TAGS));
        assertThat(skipped("control-metric")).isEqualTo(2);
        String all = dbirth();
        assertThat(all.lines()
                        .map(line -> line.substring(line.indexOf("} ") + 2).replaceAll(" @17000000\\d+", "")))
                .contains(
                        "online:BOOL=true",
                        "i8:LONG=-5",
                        "i16:LONG=-300",
                        "i32:LONG=-70000",
                        "i64:LONG=-5000000000",
                        "u8:LONG=250",
                        "u16:LONG=65000",
                        "u32:LONG=4000000000",
                        "u64:LONG=9000000000000000000",
                        "temp:DOUBLE[Cel]=20.5",
                        "ok:BOOL=true",
                        "note:STRING=größe",
                        "text:STRING=long",
                        "uuid:STRING=8d8e4a8e-0000-4000-8000-000000000001",
                        "since:LONG=1700000000000",
                        "raw:STRING=AQID",
                        "empty:DOUBLE=NaN !80",
                        "arr[0]:LONG=1",
                        "arr[1]:LONG=-2",
                        "floats[1]:DOUBLE=-2.25",
                        "flags[0]:BOOL=true",
                        "flags[1]:BOOL=false",
                        "flags[8]:BOOL=true",
                        "words[0]:STRING=a",
                        "words[1]:STRING=bc",
                        "times[0]:LONG=1700000000000",
                        "motor/rpm:LONG=1500",
                        "motor/amps:DOUBLE=3.5")
                .hasSize(35);
        assertThat(all.lines()).allMatch(line -> line.startsWith("plant/edge/press" + TAGS + " "));
        assertThat(skipped("null")).isEqualTo(1);
        assertThat(skipped("unsupported-type")).isEqualTo(1);
        assertThat(asked).isEmpty();
    }

    @Test
    void data_isResolvedByAlias() throws Exception {
        nbirth();
        dbirth();
        assertThat(decode("spBv1.0/plant/DDATA/edge/press", payload("ddata")).lines())
                .containsExactlyInAnyOrder(
                        // Historical: the time is that of the measurement.
                        "plant/edge/press" + TAGS + " temp:DOUBLE[Cel]=21.0 @1699999995000000000",
                        "plant/edge/press" + TAGS + " i8:LONG=-6 @1700000000002000000",
                        "plant/edge/press" + TAGS + " temp:DOUBLE[Cel]=NaN @1700000000002000000 !80",
                        "plant/edge/press" + TAGS + " temp:DOUBLE[Cel]=21.5 @1700000000002000000 !40",
                        "plant/edge/press" + TAGS + " motor/rpm:LONG=-1 @1700000000002000000");
        assertThat(skipped("transient")).isEqualTo(1);
        assertThat(decode("spBv1.0/plant/NDATA/edge", payload("ndata")))
                .startsWith("plant/edge" + TAGS + " cpu:DOUBLE=13.0 @");
        assertThat(asked).isEmpty();
    }

    @Test
    void deaths_areToldByTheOnlineChannel_andForgetWhatBirthsSaid() throws Exception {
        nbirth();
        dbirth();
        assertThat(decode("spBv1.0/plant/NDEATH/edge", payload("ndeath")))
                .isEqualTo(
                        "plant/edge{t} online:BOOL=false\nplant/edge/press{t} online:BOOL=false".replace("{t}", TAGS));
        assertThatThrownBy(() -> decode("spBv1.0/plant/NDATA/edge", payload("ndata")))
                .hasMessage("edge: no birth of it is known, asked for a rebirth");
        nbirth();
        dbirth();
        assertThat(decode("spBv1.0/plant/DDEATH/edge/press", payload("ddeath")))
                .isEqualTo("plant/edge/press" + TAGS + " online:BOOL=false @1700000000004000000");
        assertThat(decode("spBv1.0/plant/NDEATH/edge", payload("ndeath")))
                .isEqualTo("plant/edge" + TAGS + " online:BOOL=false");
    }

    @Test
    void willOfAnEarlierSession_isNoDeath() throws Exception {
        nbirth();
        byte[] will = payload("ndeath");
        will[will.length - 1] = 2; // bdSeq
        assertThat(decode("spBv1.0/plant/NDEATH/edge", will)).isEmpty();
        assertThat(skipped("stale-death")).isEqualTo(1);
        assertThat(decode("spBv1.0/plant/NDATA/edge", payload("ndata"))).isNotEmpty();
    }

    @Test
    void unknownState_asksForARebirth_onceInAWhile() throws Exception {
        byte[] data = payload("ndata");
        assertThatThrownBy(() -> decode("spBv1.0/plant/NDATA/edge", data)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> decode("spBv1.0/plant/NDATA/edge", data))
                .hasMessage("edge: no birth of it is known, a rebirth is asked for already");
        assertThatThrownBy(() -> decode("spBv1.0/plant/NDATA/other", data)).isInstanceOf(MalformedException.class);
        assertThat(asked)
                .containsExactly("plant/edge: no birth of it is known", "plant/other: no birth of it is known");
        clock.advance(31_000_000_000L);
        assertThatThrownBy(() -> decode("spBv1.0/plant/NDATA/edge", data)).isInstanceOf(MalformedException.class);
        assertThat(asked).hasSize(3);
        nbirth();
        assertThat(decode("spBv1.0/plant/NDATA/edge", data)).isNotEmpty();
    }

    @Test
    void deviceBornBeforeItsNode_isRead_andTheNodeAsked() throws Exception {
        assertThat(dbirth()).isNotEmpty();
        assertThat(asked).containsExactly("plant/edge: device press is born before its node");
    }

    @Test
    void gapInTheSequence_asksForARebirth_whileDataStaysGood() throws Exception {
        nbirth();
        dbirth();
        byte[] late = payload("ndata"); // sequence 3 after 1
        assertThat(decode("spBv1.0/plant/NDATA/edge", late)).isNotEmpty();
        assertThat(asked).containsExactly("plant/edge: sequence 3 after 1");
        assertThat(metrics.sequenceGaps.labelValues("test").get()).isEqualTo(1);
        assertThat(decode("spBv1.0/plant/NDATA/edge", late)).isNotEmpty(); // delivered twice
        assertThat(asked).hasSize(1);
    }

    @Test
    void namedMetricWithType_needsNoBirth() throws Exception {
        byte[] payload = payload(metric("temp", 10, out -> out.writeDouble(13, 5)));
        assertThat(decode("spBv1.0/plant/DDATA/edge/x", payload)).isEqualTo("plant/edge/x" + TAGS + " temp:DOUBLE=5.0");
        assertThat(asked).hasSize(1);
        byte[] untyped = payload(metric("temp", 0, out -> out.writeDouble(13, 5)));
        assertThatThrownBy(() -> decode("spBv1.0/plant/DDATA/edge/x", untyped))
                .hasMessageContaining("a rebirth is asked for already");
    }

    @Test
    void state_staysWithinItsBudget_forgettingTheSilent() throws Exception {
        Decoder small = decoder("state-bytes-max: 64KiB");
        byte[][] metricsOfBirth = new byte[50][];
        for (int i = 0; i < metricsOfBirth.length; i++) {
            metricsOfBirth[i] = metric("a metric with a name " + i, 10, out -> out.writeDouble(13, 5));
        }
        byte[] birth = payload(metricsOfBirth);
        for (int node = 0; node < 100; node++) {
            small.decode(new Message("spBv1.0/plant/NBIRTH/n" + node, Message.Names.NONE, birth));
            assertThat(metrics.stateBytes.labelValues("test").get()).isLessThanOrEqualTo(64 << 10);
        }
        assertThat(metrics.forgottenNodes.labelValues("test").get()).isBetween(90.0, 99.0);
        for (int node = 0; node < 10_000; node++) { // which never were born
            small.decode(new Message("spBv1.0/plant/NDATA/x" + node, Message.Names.NONE, payload()));
        }
        assertThat(metrics.stateBytes.labelValues("test").get()).isLessThanOrEqualTo(64 << 10);
        byte[][] tooMany = new byte[500][];
        java.util.Arrays.fill(tooMany, metricsOfBirth[0]);
        assertThatThrownBy(() ->
                        small.decode(new Message("spBv1.0/plant/NBIRTH/big", Message.Names.NONE, payload(tooMany))))
                .hasMessageContaining("state-bytes-max");
    }

    @Test
    void names_areAsTheConfigurationSays() throws Exception {
        Decoder named = decoder("node: \"{node}\"\ndevice: \"{device}\"\nonline: \"\"");
        assertThat(shown(named.decode(new Message("spBv1.0/plant/NBIRTH/edge", Message.Names.NONE, payload("nbirth")))))
                .startsWith("edge" + TAGS + " cpu:");
        assertThatThrownBy(() -> Batches.config("{type: sparkplug, node: x}"))
                .hasMessageContaining("expected a text with {node}");
        assertThatThrownBy(() -> Batches.config("{type: sparkplug, device: x}"))
                .hasMessageContaining("expected a text with {device}");
    }

    @Test
    void messagesOfHosts_areNoReadings() throws Exception {
        assertThat(decode("spBv1.0/plant/NCMD/edge", payload("ncmd"))).isEmpty();
        assertThat(decode("spBv1.0/STATE/host", "{\"online\":true}".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(skipped("host-message")).isEqualTo(2);
    }

    @Test
    void rebirthCommand_isThatOfTheReferenceImplementation() throws Exception {
        assertThat(SparkplugCommand.topic("plant", "edge")).isEqualTo("spBv1.0/plant/NCMD/edge");
        SparkplugPayload own = SparkplugPayload.parse(SparkplugCommand.rebirth(1_700_000_000_000L), "");
        SparkplugPayload theirs = SparkplugPayload.parse(payload("ncmd"), "");
        assertThat(own.timestampMillis()).isEqualTo(theirs.timestampMillis());
        assertThat(own.metrics())
                .usingRecursiveComparison()
                .ignoringFields("timestampMillis")
                .isEqualTo(theirs.metrics());
    }

    @ParameterizedTest
    @CsvSource({
        "spBv2.0/plant/NDATA/edge",
        "spBv1.0/plant/XDATA/edge",
        "spBv1.0/plant/NDATA/edge/device",
        "spBv1.0/plant/DDATA/edge",
        "spBv1.0/plant/DDATA/edge/a/b",
        "spBv1.0/plant",
        "''",
    })
    void otherTopics_areMalformed(String topic) {
        assertThatThrownBy(() -> decode(topic, payload("ndata")))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("expected spBv1.0/GROUP/TYPE/NODE");
    }

    @Test
    void malformedPayloads_sayWhatIsExpected() throws Exception {
        assertMalformed(payload(metric("", 10, out -> out.writeDouble(13, 5))), "a birth with a metric without name");
        assertMalformed(
                payload(metric("x", 8, out -> out.writeUInt64(11, -1))), "metric \"x\" is 18446744073709551615");
        assertMalformed(
                payload(metric("x", 10, out -> out.writeString(15, "5"))), "data type 10 has a value of kind TEXT");
        assertMalformed(
                payload(metric("x", 24, out -> out.writeByteArray(16, new byte[5]))), "expected a multiple of 4");
        assertMalformed(payload(metric("x", 22, out -> out.writeByteArray(16, new byte[2_000]))), "an array of 2000");
        assertMalformed(
                payload(metric("x", 32, out -> out.writeByteArray(16, new byte[] {9, 0, 0, 0, 1}))), "9 bools in 1");
        assertMalformed(payload(metric("x", 33, out -> out.writeByteArray(16, new byte[] {'a'}))), "has no end");
        assertMalformed(message(out -> out.writeUInt64(3, 256)), "sequence 256, expected 0 to 255");
        assertMalformed(message(out -> out.writeString(4, "SPBV1.0_COMPRESSED")), "a compressed payload");
        assertMalformed(message(out -> out.writeFixed64(1, 5)), "field 1 has wire type 1, expected 0");
        assertMalformed(new byte[] {0x12, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f}, "not a Sparkplug payload");
        byte[] nested = metric("x", 19, out -> {});
        for (int i = 0; i < 12; i++) {
            byte[] inner = nested;
            nested = metric("x", 19, out -> out.writeByteArray(18, message(t -> t.writeByteArray(2, inner))));
        }
        assertMalformed(payload(nested), "templates in templates, expected at most 8 deep");
    }

    private void assertMalformed(byte[] payload, String message) {
        assertThatThrownBy(() -> decode("spBv1.0/plant/NBIRTH/edge", payload))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    // ---- payloads by hand ----

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] metric(String name, int datatype, Fields value) throws IOException {
        return message(out -> {
            out.writeString(1, name);
            if (datatype != 0) {
                out.writeUInt32(4, datatype);
            }
            value.write(out);
        });
    }

    private static byte[] payload(byte[]... metrics) throws IOException {
        return message(out -> {
            for (byte[] metric : metrics) {
                out.writeByteArray(2, metric);
            }
        });
    }

    // ---- hostile ----

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedPayloads_areDecodedOrRefused(long seed) throws Exception {
        byte[][] good = {payload("nbirth"), payload("dbirth"), payload("ddata"), payload("ndeath")};
        for (String topic : new String[] {"NBIRTH/n", "DBIRTH/n/d", "DDATA/n/d", "NDATA/n", "NDEATH/n", "DDEATH/n/d"}) {
            Hostile.damage(seed, 2_000, decoder, "spBv1.0/g/" + topic, good);
        }
        assertThat(metrics.stateBytes.labelValues("test").get()).isLessThanOrEqualTo(8 << 20);
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) {
        for (String topic : new String[] {"NBIRTH/n", "DBIRTH/n/d", "DDATA/n/d", "NDATA/n", "NDEATH/n", "DDEATH/n/d"}) {
            Hostile.decode(decoder, "spBv1.0/g/" + topic, bytes);
        }
    }
}
