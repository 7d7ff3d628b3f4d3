package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.decoder;
import static io.tributary.agent.decode.Batches.message;
import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonDecoderTest {
    private static final Message.Names NAMES = new Message.Names("w7", "", Map.of("line", "a"));

    static List<Arguments> documents() {
        return List.of(
                Arguments.of(
                        "every value at any depth, by default",
                        "",
                        "{\"temp\": 20, \"ok\": true, \"note\": \"dry\", \"imu\": {\"acc\": [1, 2.5]}, \"no\": null}",
                        """
                        w7{line=a} temp:DOUBLE=20.0
                        w7{line=a} ok:BOOL=true
                        w7{line=a} note:STRING=dry
                        w7{line=a} imu.acc.0:DOUBLE=1.0
                        w7{line=a} imu.acc.1:DOUBLE=2.5"""),
                Arguments.of(
                        "device, tags, time and typed channels",
                        """
                        device: "press-{id}"
                        tags: {site: "{$.meta.site}", model: "{meta.model}", kind: press}
                        time: {path: ts, format: ms}
                        channels:
                          - {path: t, channel: temp, unit: Cel}
                          - {path: n, value: long}
                          - {path: s, value: bool}
                          - {path: "['odd.name'].v", value: string}
                          - {path: absent}
                        """,
                        "{\"id\": 4, \"meta\": {\"site\": \"north\"}, \"ts\": 1700000000123, \"t\": 20.5, \"n\": 7,"
                                + " \"s\": \"on\", \"odd.name\": {\"v\": 1.50}}",
                        """
                        press-4{kind=press, line=a, site=north} temp:DOUBLE[Cel]=20.5 @1700000000123000000
                        press-4{kind=press, line=a, site=north} n:LONG=7 @1700000000123000000
                        press-4{kind=press, line=a, site=north} s:BOOL=true @1700000000123000000
                        press-4{kind=press, line=a, site=north} v:STRING=1.50 @1700000000123000000"""),
                Arguments.of(
                        "rows of one device, and a value beside them",
                        """
                        rows: $.readings[*]
                        device: "{$.id}"
                        time: {path: t}
                        channels: [{path: "v.*"}, {path: $.battery}]
                        """,
                        "{\"readings\": [{\"t\": 1700000000, \"v\": {\"a\": 1}}, {\"t\": 1700000001.25, \"v\": {\"a\": 2,"
                                + " \"b\": 3}}], \"battery\": 3.5, \"id\": \"g1\"}",
                        """
                        g1{line=a} battery:DOUBLE=3.5
                        g1{line=a} a:DOUBLE=1.0 @1700000000000000000
                        g1{line=a} a:DOUBLE=2.0 @1700000001250000000
                        g1{line=a} b:DOUBLE=3.0 @1700000001250000000"""),
                Arguments.of(
                        "rows that name their channel and unit",
                        """
                        rows: sensors.*
                        device: "{id}"
                        channels: [{path: value, channel: "{1}.{kind}", unit: "{unit}"}]
                        """,
                        "{\"sensors\": {\"x\": {\"id\": \"d1\", \"kind\": \"temp\", \"unit\": \"Cel\", \"value\": 1},"
                                + "\"y\": {\"kind\": \"hum\", \"value\": 2}}}",
                        "d1{line=a} x.temp:DOUBLE[Cel]=1.0\nw7{line=a} y.hum:DOUBLE=2.0"),
                Arguments.of(
                        "wildcards give names, and leave alone what others name",
                        """
                        device: "{id}"
                        time: {path: at, format: rfc3339}
                        channels: [{path: special, value: string}, {path: "*"}, {path: "*.*", channel: "{1}/{2}"}]
                        """,
                        "{\"id\": \"d\", \"at\": \"2026-02-03T04:05:06.789Z\", \"special\": 1, \"a\": 2, \"b\": {\"c\": 3,"
                                + " \"d\": {\"e\": 4}}}",
                        """
                        d{line=a} special:STRING=1 @1770091506789000000
                        d{line=a} a:DOUBLE=2.0 @1770091506789000000
                        d{line=a} b/c:DOUBLE=3.0 @1770091506789000000"""),
                Arguments.of(
                        "several documents, and arrays as documents",
                        "rows: \"[*]\"\nchannels: [{path: \"**\", channel: \"x.{path}\"}]",
                        "[{\"a\": 1}, {\"a\": [2]}]\n[{\"b\": false}]",
                        """
                        w7{line=a} x.a:DOUBLE=1.0
                        w7{line=a} x.a.0:DOUBLE=2.0
                        w7{line=a} x.b:BOOL=false"""),
                Arguments.of(
                        "values that are something else than asked for",
                        """
                        channels:
                          - {path: a, value: double}
                          - {path: b, value: long}
                          - {path: c, value: bool}
                          - {path: d, value: double}
                          - {path: e, value: double}
                        """,
                        "{\"a\": \"1.5\", \"b\": 2e3, \"c\": 1, \"d\": true, \"e\": \"nan\"}",
                        """
                        w7{line=a} a:DOUBLE=1.5
                        w7{line=a} b:LONG=2000
                        w7{line=a} c:BOOL=true
                        w7{line=a} d:DOUBLE=1.0
                        w7{line=a} e:DOUBLE=NaN !81"""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void documents_becomeReadings(String what, String yaml, String document, String expected) throws Exception {
        assertThat(shown(decoder("type: json\n" + yaml).decode(message("", NAMES, document))))
                .isEqualTo(expected);
    }

    @Test
    void channelOfTheAddress_namesTheOnlyValue_andLeadsTheOthers() throws Exception {
        Message.Names names = new Message.Names("w7", "temp", Map.of());
        assertThat(shown(decoder("{type: json, channels: [{path: value}]}")
                        .decode(message("", names, "{\"value\": 1}"))))
                .isEqualTo("w7 temp:DOUBLE=1.0");
        assertThat(shown(decoder("{type: json, channels: [{path: value}, {path: raw}]}")
                        .decode(message("", names, "{\"value\": 1, \"raw\": 2}"))))
                .isEqualTo("w7 temp.value:DOUBLE=1.0\nw7 temp.raw:DOUBLE=2.0");
        assertThat(shown(decoder("{type: json}").decode(message("", names, "{\"x\": 1}"))))
                .isEqualTo("w7 temp.x:DOUBLE=1.0");
        assertThat(shown(decoder("{type: json, channels: [{path: $}]}").decode(message("", names, "21.5"))))
                .isEqualTo("w7 temp:DOUBLE=21.5");
        assertThat(shown(decoder("{type: json, channels: [{path: x, channel: \"{address}/x\"}]}")
                        .decode(message("", names, "{\"x\": 1}"))))
                .isEqualTo("w7 temp/x:DOUBLE=1.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "auto;;1700000000;1700000000000000000",
                "auto;;1700000000123;1700000000123000000",
                "auto;;1700000000123456;1700000000123456000",
                "auto;;1700000000123456789;1700000000123456789",
                "auto;;1700000000.123456789;1700000000123456789",
                "auto;;\"1700000000\";1700000000000000000",
                "auto;;-1;-1000000000",
                "auto;;0;0",
                "auto;;\"2026-02-03T04:05:06Z\";1770091506000000000",
                "s;;1.7e9;1700000000000000000",
                "ms;;0.5;500000",
                "us;;1.5;1500",
                "ns;;-9223372036854775807;-9223372036854775807",
                "rfc3339;;\"2026-02-03t04:05:06.123456789+01:00\";1770087906123456789",
                "rfc3339;;\"2026-02-03 04:05:06-0130\";1770096906000000000",
                "rfc3339;Europe/Berlin;\"2026-07-03T04:05:06\";1783044306000000000",
                "rfc3339;UTC;\"2026-02-03 04:05\";1770091500000000000",
            })
    void timesOfEveryForm_areExact(String format, String zone, String time, long ns) throws Exception {
        String yaml = "{type: json, time: {path: t, format: " + format + (zone == null ? "" : ", zone: " + zone)
                + "}, channels: [{path: v}]}";
        assertThat(shown(decoder(yaml).decode(message("{\"t\": " + time + ", \"v\": 1}"))))
                .isEqualTo("dev v:DOUBLE=1.0 @" + ns);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "auto;\"yesterday\";time is \"yesterday\", expected a date-time like 2026-02-03T04:05:06.789Z",
                "ms;\"2026-02-03T04:05:06Z\";time is \"2026-02-03T04:05:06Z\", expected a number",
                "rfc3339;\"2026-02-03T04:05:06\";expected an offset (Z, +01:00) behind it, or a zone in the configuration",
                "rfc3339;\"2026-02-30T04:05:06Z\";expected a date-time like",
                "rfc3339;\"9999-02-03T04:05:06Z\";is beyond the years 1677 to 2262",
                "s;9223372037;is beyond the years 1677 to 2262",
                "ns;-9223372036854775808;is beyond the years 1677 to 2262",
                "s;1e300;is beyond the years 1677 to 2262",
                "auto;[1];t is an object or array, expected a time",
                "auto;true;t is \"true\", expected a time",
            })
    void badTimes_sayWhatIsExpected(String format, String time, String message) throws Exception {
        Decoder decoder = decoder("{type: json, time: {path: t, format: " + format + "}, channels: [{path: v}]}");
        assertThatThrownBy(() -> decoder.decode(message("{\"t\": " + time + ", \"v\": 1}")))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void absentTime_isTheArrival_orRefusedWhenAsked() throws Exception {
        assertThat(shown(decoder("{type: json, time: {path: t}, channels: [{path: v}]}")
                        .decode(message("{\"t\": null, \"v\": 1}"))))
                .isEqualTo("dev v:DOUBLE=1.0");
        Decoder strict = decoder("{type: json, time: {path: t, when-absent: dead-letter}, channels: [{path: v}]}");
        assertThatThrownBy(() -> strict.decode(message("{\"v\": 1}"))).hasMessage("no time at t");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "`{\"v\": 1`;not JSON: Unexpected end-of-input",
                "`{\"v\": 1, \"v\": 2}`;not JSON: Duplicate",
                "`{\"v\": nan}`;not JSON: ",
                "`{\"v\": 1} x`;not JSON: ",
                "`{\"v\": {\"x\": 1}}`;channel \"v\" is an object or array, expected a value",
                "`{\"v\": \"x\"}`;channel \"v\" is \"x\", expected a number within the range of doubles",
                "`{\"v\": 1e999}`;channel \"v\" is \"1e999\", expected a number within the range of doubles",
                "`{\"w\": 1}`;none of the channels is in it",
                "``;none of the channels is in it",
            })
    void malformedDocuments_sayWhatIsExpected(String document, String message) throws Exception {
        Decoder decoder = decoder("{type: json, channels: [{path: v, value: double}]}");
        assertThatThrownBy(() -> decoder.decode(message(document)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void limits_holdBeforeMemoryIsSpent() throws Exception {
        Decoder decoder = decoder("{type: json, payload-bytes-max: 2MiB}");
        assertThatThrownBy(() -> decoder.decode(message("[".repeat(100) + "1" + "]".repeat(100))))
                .hasMessageContaining("nesting depth");
        assertThatThrownBy(() -> decoder.decode(message("[" + "1,".repeat(Readings.MAX) + "1]")))
                .hasMessageContaining("more than " + Readings.MAX + " readings");
        assertThatThrownBy(() -> decoder.decode(message("{\"v\": " + "1".repeat(1_000) + "}")))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> decoder.decode(message("{\"v\": \"" + "x".repeat(70_000) + "\"}")))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> decoder.decode(message(" ".repeat((2 << 20) + 1))))
                .hasMessage("a payload of 2097153 bytes, expected at most 2MiB");
        assertThatThrownBy(() -> decoder("{type: json, rows: \"[*]\", channels: [{path: v}]}")
                        .decode(message("[" + "{},".repeat(Readings.MAX) + "{}]")))
                .hasMessageContaining("rows");
    }

    @Test
    void emptyMessages_canBeIgnored_andNullsAreNoReadings() throws Exception {
        Decoder decoder = decoder("{type: json, when-empty: ignore, channels: [{path: v}]}");
        assertThat(decoder.decode(message("{\"w\": 1, \"v\": null}")).readingCount())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "`channels: [{path: 'a..b'}]`;expected a name, * or **",
                "`channels: [{path: 'a[x]'}]`;expected an index, * or a quoted name at character 3",
                "`channels: [{path: 'a[0'}]`;expected ']' at character 4",
                "`channels: [{path: '**.a'}]`;expected the end of the path after ** at character 3",
                "`channels: [{path: a, channel: 'x{b'}]`;has a { without }",
                "`channels: [{path: a, channel: 'x}b'}]`;has a } without {",
                "`channels: [{path: a, channel: '{b.*}'}]`;has a wildcard, expected a path to one value",
                "`channels: []`;channels has 0 entries, expected 1 to 1000",
                "`time: {path: '*'}`;expected one without wildcards",
                "`rows: 'a.**'`;expected a path without **",
                "`device: '{1}'`;device and tags know no {1} and {path}",
                "`chanels: []`;did you mean \"channels\"",
            })
    void badConfiguration_isToldWithItsPlace(String yaml, String message) {
        assertThatThrownBy(() -> decoder("type: json\n" + yaml)).hasMessageContaining(message);
    }

    private static final String WIDE = """
            type: json
            rows: $.r[*]
            device: "{$.id}"
            tags: {x: "{tag}"}
            time: {path: t}
            channels: [{path: a, value: long, unit: "{u}"}, {path: "*"}, {path: "**"}, {path: "$.**"}]
            """;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedDocuments_areDecodedOrRefused(long seed) throws Exception {
        byte[][] good = Stream.of(
                        "{\"id\": \"d\", \"r\": [{\"t\": 1700000000, \"a\": 1, \"u\": \"V\", \"b\": {\"c\": [true]}}], \"x\": 1}",
                        "{\"r\": [{\"tag\": \"q\", \"a\": \"7\"}, {\"t\": \"2026-02-03T04:05:06Z\", \"z\": null}]}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        Hostile.damage(seed, 5_000, decoder(WIDE), "", good);
        Hostile.damage(seed, 2_000, decoder("type: json"), "", good);
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) throws Exception {
        Hostile.decode(decoder(WIDE), "", bytes);
        Hostile.decode(decoder("type: json"), "", bytes);
    }

    @FuzzTest
    void anyPathAndText_areParsedOrRefused(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            assertThat(JsonPath.parse(text).toString()).isEqualTo(text);
            assertThat(JsonText.parse(text).toString()).isEqualTo(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
