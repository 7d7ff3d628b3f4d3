package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.message;
import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tributary.agent.clock.ManualClock;
import io.tributary.model.Table;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SenmlDecoderTest {
    private static final long NOW = 1_700_000_000_000_000_000L;
    private static final String NO_DEVICE = "";

    private static byte[] resource(String name) throws Exception {
        try (InputStream in =
                Objects.requireNonNull(SenmlDecoderTest.class.getResourceAsStream("/senml/" + name), name)) {
            return in.readAllBytes();
        }
    }

    private static List<String> resolved(SenmlReader reader) throws MalformedException {
        SenmlPack pack = new SenmlPack(NOW);
        SenmlRecord raw = new SenmlRecord();
        List<String> records = new ArrayList<>();
        while (reader.next(raw)) {
            SenmlPack.Resolved each = pack.resolve(raw);
            if (each != null && each.data() == null) { // the tool that made the vectors leaves data out
                String value = each.text() != null
                        ? each.text()
                        : each.bool() != null ? each.bool().toString() : plain(each.value());
                records.add(each.name() + "|" + each.unit() + "|"
                        + (each.timeNs() == Table.STAMP_ON_ARRIVAL ? "now" : each.timeNs()) + "|" + value);
            }
        }
        return records;
    }

    private static String plain(@Nullable BigDecimal number) {
        return Objects.requireNonNull(number).stripTrailingZeros().toPlainString();
    }

    private static List<String> expected(String name, boolean now) throws Exception {
        List<String> records = new ArrayList<>();
        for (Object each : JsonTree.list(JsonTree.resource("/senml/" + name))) {
            Map<String, Object> record = JsonTree.object(each);
            Object value = record.getOrDefault("vs", record.get("vb"));
            String shown = value != null ? value.toString() : plain(new BigDecimal(String.valueOf(record.get("v"))));
            BigDecimal time = new BigDecimal(String.valueOf(record.get("t")));
            records.add(record.get("n") + "|" + record.getOrDefault("u", "") + "|"
                    + (now ? "now" : time.movePointRight(9).toBigIntegerExact()) + "|" + shown);
        }
        return records;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void examplesOfTheRfc_resolveAsPublished(int number) throws Exception {
        byte[] pack = resource("ex" + number + ".json");
        boolean now = number == 1 || number == 2 || number == 7 || number == 9; // without a time of their own
        assertThat(resolved(new SenmlJsonReader(pack))).isEqualTo(expected("ex" + number + ".resolved.json", now));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void examplesInCbor_resolveAsThoseInJson(int number) throws Exception {
        assertThat(resolved(new SenmlCborReader(resource("ex" + number + ".cbor"))))
                .isEqualTo(expected("ex" + number + ".resolved.json", false));
    }

    private static Decoder json(String mapping) throws Exception {
        return Batches.config("{type: senml-json, mapping: {" + mapping + "}}").open(context());
    }

    private static DecoderContext context() {
        ManualClock clock = new ManualClock();
        clock.setWall(NOW);
        return Batches.context(RebirthListener.NONE, clock);
    }

    @Test
    void fractionsOfSeconds_areExact() throws Exception {
        assertThat(shown(json("").decode(message("", Message.Names.NONE, text("ex13.json")))))
                .isEqualTo("""
                2001:db8::3 value:DOUBLE[/]=0.5 @1320078429000000000
                2001:db8::3 value:DOUBLE[/]=0.0 @1320078429100000000
                2001:db8::4 value:DOUBLE[/]=0.5 @1320078429000000000
                2001:db8::4 value:DOUBLE[/]=0.0 @1320078429100000000""");
    }

    private static String text(String name) throws Exception {
        return new String(resource(name), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                ";;[{\"bn\":\"urn:dev:x:\",\"n\":\"temp\",\"u\":\"Cel\",\"v\":1}];urn:dev:x temp:DOUBLE[Cel]=1.0",
                ";w7;[{\"bn\":\"urn:dev:x:\",\"n\":\"temp\",\"v\":1}];w7 temp:DOUBLE=1.0",
                ";w7;[{\"n\":\"temp\",\"v\":1}];w7 temp:DOUBLE=1.0",
                ";;[{\"n\":\"temp\",\"v\":1}];temp value:DOUBLE=1.0",
                "channel: x;;[{\"bn\":\"d\",\"v\":1}];d x:DOUBLE=1.0",
                ";;[{\"bn\":\"d\",\"bu\":\"%RH\",\"u\":\"lon\",\"v\":1}];d value.lon:DOUBLE[lon]=1.0",
                "device: last-separator;;[{\"n\":\"urn:dev:x:temp\",\"v\":1}];urn:dev:x temp:DOUBLE=1.0",
                "device: last-separator;;[{\"n\":\"temp\",\"v\":1}];temp value:DOUBLE=1.0",
                "device: whole;;[{\"bn\":\"a/\",\"n\":\"temp\",\"v\":1}];a/temp value:DOUBLE=1.0",
                ";;[{\"bn\":\"d\",\"n\":\"e\",\"s\":5,\"u\":\"J\"}];d e.sum:DOUBLE=5.0",
                ";;[{\"bn\":\"d\",\"bs\":10,\"n\":\"e\",\"s\":5,\"v\":1}];d e:DOUBLE=1.0|d e.sum:DOUBLE=15.0",
                ";;[{\"bn\":\"d\",\"bs\":10,\"n\":\"e\",\"v\":1}];d e:DOUBLE=1.0|d e.sum:DOUBLE=10.0",
                ";;[{\"bn\":\"d\",\"bv\":20.1,\"n\":\"e\",\"v\":0.2}];d e:DOUBLE=20.3",
                ";;[{\"bn\":\"d\",\"n\":\"e\",\"vs\":\"x\"},{\"n\":\"f\",\"vb\":true},{\"n\":\"g\",\"vd\":\"aGkgCg==\"}];d e:STRING=x|d f:BOOL=true|d g:STRING=aGkgCg",
                ";;[{\"bn\":\"d\",\"n\":\"e\",\"v\":1,\"t\":-5}];d e:DOUBLE=1.0 @1699999995000000000",
                ";;[{\"bn\":\"d\",\"bt\":268435456,\"n\":\"e\",\"v\":1,\"t\":0.5,\"ut\":10}];d e:DOUBLE=1.0 @268435456500000000",
                ";;[{\"bver\":10,\"bn\":\"d\",\"n\":\"e\",\"v\":1,\"x\":{\"a\":[1]}}];d e:DOUBLE=1.0",
            })
    void records_becomeReadings(@Nullable String mapping, @Nullable String device, String pack, String expected)
            throws Exception {
        Message.Names names = new Message.Names(device == null ? NO_DEVICE : device, "", Map.of());
        assertThat(shown(json(mapping == null ? "" : mapping).decode(message("", names, pack))))
                .isEqualTo(expected.replace('|', '\n'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{};not a pack, expected a JSON array",
                "[];a pack without records, expected at least one",
                "[1];found VALUE_NUMBER_INT in the pack, expected a record",
                "[{\"n\":\"a\",\"v\":1}] 2;something behind the pack",
                "[{\"n\":\"a\",\"v\":1,\"vs\":\"x\"}];2 values in one record",
                "[{\"n\":\"a\",\"v\":\"1\"}];field \"v\" is VALUE_STRING, expected a number",
                "[{\"n\":\"a\",\"vb\":1}];field \"vb\" is VALUE_NUMBER_INT, expected true or false",
                "[{\"n\":\"a\",\"vd\":\"%%\"}];field \"vd\" is \"%%\", expected base64url",
                "[{\"v\":1}];a record without a name, expected n or bn",
                "[{\"n\":\"a b\",\"v\":1}];name \"a b\" has ' ', expected letters, digits",
                "[{\"n\":\"-a\",\"v\":1}];name \"-a\" has '-', expected letters, digits",
                "[{\"n\":\"a\",\"v\":1,\"must_\":1}];field \"must_\" must be understood",
                "[{\"bver\":11,\"n\":\"a\",\"v\":1}];version 11 of SenML, expected 1 to 10",
                "[{\"bver\":5,\"n\":\"a\",\"v\":1},{\"bver\":6,\"n\":\"a\",\"v\":1}];version 6 of SenML in a pack of version 5",
                "[{\"n\":\"a\",\"n\":\"b\",\"v\":1}];not JSON: Duplicate",
                "[{\"n\":\"a\",\"v\":1e999}];expected a number within the range of doubles",
                "[{\"n\":\"a\",\"v\":1,\"t\":1e300}];is beyond the years 1677 to 2262",
                "[{\"n\":\"a\",\"v\":1;not JSON: ",
            })
    void malformedPacks_sayWhatIsExpected(String pack, String message) {
        assertThatThrownBy(() -> json("").decode(message("", Message.Names.NONE, pack)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                // half, single and double floats; negative, decimal fraction; indefinite containers and texts
                "81a2006161 02f94d00;a|DOUBLE=20.0",
                "81a20061610 2fa41ac0000;a|DOUBLE=21.5",
                "81a200616102fa41aa6666;a|DOUBLE=21.3",
                "81a200616102fb40355999 9999999a;a|DOUBLE=21.35",
                "81a2006161023863;a|DOUBLE=-100.0",
                "81a200616102c48221196ab3;a|DOUBLE=273.15",
                "9fbf00616102 01ffff;a|DOUBLE=1.0",
                "81a2007f61616162ff0201;ab|DOUBLE=1.0",
                "d9d9f781a2006161020 1;a|DOUBLE=1.0",
                "81a20061610 84401020304;a|STRING=AQIDBA",
                "81a20061610 4f5;a|BOOL=true",
                "81a2006161 03617 8;a|STRING=x",
                "81a3616e6161 0201 09a16178820102;a|DOUBLE=1.0",
                "81a3006161 02010 500;a|DOUBLE=1.0,.sum=0",
            })
    void cborOfEveryForm_isRead(String hex, String expected) throws Exception {
        Decoder decoder = Batches.config("{type: senml-cbor}").open(context());
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        String[] parts = expected.split("[|,]", -1);
        assertThat(shown(decoder.decode(new Message("", Message.Names.NONE, bytes)))
                        .lines()
                        .findFirst())
                .hasValue(parts[0] + " value:" + parts[1]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a0;found a map before byte 2, expected an array",
                "9bffffffffffffffff;an array of 18446744073709551615 elements at byte 10, but only 0 bytes are left",
                "81a2006161021c;byte 0x1c at byte 7 begins no item",
                "81a20061610 2;ends at byte 6, expected 1 more from byte 7",
                "81a2006161 02f97c00;Infinity, expected a finite number",
                "81a2006161 02c4823b7fffffffffffffff01;exponent -9223372036854775808, expected at most 400",
                "81a2007b7fffffffffffffff;a text of 9223372036854775807 bytes at byte 13, expected at most 65536",
                "81a20061ff0201;text is not UTF-8",
                "81a3006161006161 0201;field \"n\" is there twice in a record",
                "81a20061610201 00;something behind the pack",
                "81a309818181818181818181818181818181818181818181818181810100616102 01;nested deeper than 16",
            })
    void malformedCbor_saysWhatIsExpectedWhere(String hex, String message) throws Exception {
        Decoder decoder = Batches.config("{type: senml-cbor}").open(context());
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> decoder.decode(new Message("", Message.Names.NONE, bytes)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedPacks_areDecodedOrRefused(long seed) throws Exception {
        Hostile.damage(seed, 5_000, json(""), "", resource("ex3.json"), resource("ex7.json"), resource("ex8.json"));
        Hostile.damage(
                seed,
                10_000,
                Batches.config("{type: senml-cbor}").open(context()),
                "",
                resource("ex3.cbor"),
                resource("ex5.cbor"),
                HexFormat.of().parseHex("9fbf007f61616162ff02c48221196ab3084401020304ffff"));
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) throws Exception {
        Hostile.decode(json(""), "", bytes);
        Hostile.decode(Batches.config("{type: senml-cbor}").open(context()), "", bytes);
    }
}
