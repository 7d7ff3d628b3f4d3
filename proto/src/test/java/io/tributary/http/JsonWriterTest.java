package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final JsonWriter json = new JsonWriter(bytes);

    private String written() throws IOException {
        json.flush();
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }

    @Test
    void structure_hasItsCommas() throws IOException {
        json.beginObject()
                .name("a")
                .beginArray()
                .value(1)
                .value(true)
                .nullValue()
                .endArray();
        json.name("b").beginObject().endObject().name("c").value("x").endObject();
        assertThat(written()).isEqualTo("{\"a\":[1,true,null],\"b\":{},\"c\":\"x\"}");
    }

    @Test
    void text_isEscaped() throws IOException {
        json.value("\"\\/\b\n\r\t\u0000\u001f\u007f é€😀 \ud800 \udc00x");
        assertThat(written()).isEqualTo("\"\\\"\\\\/\\u0008\\n\\r\\t\\u0000\\u001f\\u007f é€😀 \ufffd \ufffdx\"");
    }

    @Test
    void text_longerThanTheBuffer() throws IOException {
        String text = "é€😀a".repeat(5000);
        json.value(text);
        assertThat(written()).isEqualTo("\"" + text + "\"");
    }

    @Test
    void numbers_areExact() throws IOException {
        json.beginArray().value(Long.MIN_VALUE).value(Long.MAX_VALUE).value(0L).value(-7L);
        json.value(0.1)
                .value(20.0)
                .value(-0.0)
                .value(1e-7)
                .value(1e300)
                .value(123456.789)
                .value(-2.5e-3);
        json.value(Double.NaN)
                .value(Double.POSITIVE_INFINITY)
                .value(Double.NEGATIVE_INFINITY)
                .endArray();
        assertThat(written())
                .isEqualTo("[-9223372036854775808,9223372036854775807,0,-7,"
                        + "0.1,20.0,-0.0,1.0E-7,1.0E300,123456.789,-0.0025,\"NaN\",\"Infinity\",\"-Infinity\"]");
    }

    @Test
    void doubles_readBackBitForBit() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            double value = switch (i % 4) {
                case 0 -> Double.longBitsToDouble(random.nextLong());
                case 1 -> random.nextInt(1_000_000) / 1000.0;
                case 2 -> (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(20));
                default -> Math.scalb(random.nextInt(), -random.nextInt(40));
            };
            if (Double.isFinite(value)) {
                json.value(value).newline();
                String text = written().trim();
                assertThat(Double.doubleToRawLongBits(Double.parseDouble(text)))
                        .as(text)
                        .isEqualTo(Double.doubleToRawLongBits(value));
            }
        }
    }
}
