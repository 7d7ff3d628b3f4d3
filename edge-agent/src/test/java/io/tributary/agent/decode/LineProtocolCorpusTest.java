package io.tributary.agent.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every case of the corpus of the format's authors; what is refused beyond it is listed in README.md. */
final class LineProtocolCorpusTest {
    private static final Map<String, Long> NS =
            Map.of("1ns", 1L, "1µs", 1_000L, "1ms", 1_000_000L, "1s", 1_000_000_000L);

    @Test
    void everyCase_isReadAsItsAuthorsReadIt() throws Exception {
        Map<String, Object> cases = JsonTree.object(JsonTree.object(JsonTree.resource("/line-protocol/corpus.json.gz"))
                .get("decode"));
        assertThat(cases).hasSize(6615);
        List<String> different = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        int read = 0;
        for (Map.Entry<String, Object> each : cases.entrySet()) {
            Map<String, Object> input =
                    JsonTree.object(JsonTree.object(each.getValue()).get("input"));
            Map<String, Object> output =
                    JsonTree.object(JsonTree.object(each.getValue()).get("output"));
            byte[] text = bytes(input.get("text"));
            String expected = output.containsKey("error") ? "error" : shown(output.get("result"));
            String actual;
            String fault = "";
            try {
                actual = shown(
                        text,
                        Long.parseLong(String.valueOf(input.get("defaultTime"))),
                        Objects.requireNonNull(NS.get(input.get("precision"))));
                read++;
            } catch (MalformedException e) {
                actual = "error";
                fault = String.valueOf(e.getMessage());
            }
            if (!actual.equals(expected)) {
                String line = each.getKey() + " " + input.get("text") + "\n   expected " + expected + " "
                        + output.get("error") + "\n   but was " + actual + " " + fault;
                (fault.contains("a whole number of 64 bits with sign") ? refused : different).add(line);
            }
        }
        assertThat(different).isEmpty();
        assertThat(refused).as("unsigned numbers that a long cannot hold").hasSize(8);
        assertThat(read).isEqualTo(387);
    }

    private static byte[] bytes(@Nullable Object text) {
        return text instanceof String plain
                ? plain.getBytes(StandardCharsets.UTF_8)
                : Base64.getDecoder().decode((String) JsonTree.object(text).get("binary"));
    }

    private static String shown(byte[] text, long defaultTime, long unit) throws MalformedException {
        LineProtocol parser = new LineProtocol();
        parser.begin(text, 0, text.length);
        StringBuilder shown = new StringBuilder();
        for (Line line = parser.next(); line != null; line = parser.next()) {
            long time = line.time() == Line.NO_TIME ? defaultTime / unit * unit : line.time() * unit;
            Map<String, String> tags = new TreeMap<>();
            for (int i = 0; i < line.tags(); i++) {
                tags.put(line.tagKey(i), line.tagValue(i));
            }
            shown.append(line.measurement()).append(tags);
            for (int i = 0; i < line.fields(); i++) {
                shown.append('|').append(line.fieldKey(i)).append('=').append(value(line, i));
            }
            shown.append('@').append(time).append('\n');
        }
        return shown.toString();
    }

    private static String value(Line line, int field) {
        ValueType type = line.fieldType(field);
        return switch (type) {
            case DOUBLE -> "float:" + (0.0 + Double.longBitsToDouble(line.fieldBits(field))); // the corpus has no -0
            case LONG -> "int:" + line.fieldBits(field);
            case BOOL -> "bool:" + (line.fieldBits(field) != 0);
            case STRING -> "string:" + line.fieldText(field);
        };
    }

    private static String shown(@Nullable Object result) {
        StringBuilder shown = new StringBuilder();
        for (Object each : JsonTree.list(result)) {
            Map<String, Object> line = JsonTree.object(each);
            Map<String, String> tags = new TreeMap<>();
            for (Object tag : JsonTree.list(line.get("tags"))) {
                tags.put(
                        text(JsonTree.object(tag).get("key")),
                        text(JsonTree.object(tag).get("value")));
            }
            shown.append(text(line.get("name"))).append(tags);
            for (Object field : JsonTree.list(line.get("fields"))) {
                Map.Entry<String, Object> value = JsonTree.object(
                                JsonTree.object(field).get("value"))
                        .entrySet()
                        .iterator()
                        .next();
                String kind = value.getKey().equals("uint") ? "int" : value.getKey();
                String plain = text(value.getValue());
                shown.append('|')
                        .append(text(JsonTree.object(field).get("key")))
                        .append('=')
                        .append(kind)
                        .append(':')
                        .append(kind.equals("float") ? String.valueOf(Double.parseDouble(plain)) : plain);
            }
            shown.append('@').append(text(line.get("time"))).append('\n');
        }
        return shown.toString();
    }

    private static String text(@Nullable Object value) {
        return value instanceof Map ? new String(bytes(value), StandardCharsets.UTF_8) : String.valueOf(value);
    }
}
