package io.tributary.agent.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LineProtocolTest {
    private static @Nullable Line parse(String text) throws MalformedException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new LineProtocol().parse(bytes, 0, bytes.length);
    }

    /** measurement|tag=value|field:TYPE=value|time */
    private static String shown(String text) throws MalformedException {
        Line line = parse(text);
        if (line == null) {
            return "nothing";
        }
        StringBuilder shown = new StringBuilder(line.measurement());
        for (int i = 0; i < line.tags(); i++) {
            shown.append('|').append(line.tagKey(i)).append('=').append(line.tagValue(i));
        }
        for (int i = 0; i < line.fields(); i++) {
            ValueType type = line.fieldType(i);
            Object value = switch (type) {
                case DOUBLE -> Double.longBitsToDouble(line.fieldBits(i));
                case LONG -> line.fieldBits(i);
                case BOOL -> line.fieldBits(i) != 0;
                case STRING -> line.fieldText(i);
            };
            shown.append('|')
                    .append(line.fieldKey(i))
                    .append(':')
                    .append(type)
                    .append('=')
                    .append(value);
        }
        return shown.append('|')
                .append(line.time() == Line.NO_TIME ? "-" : line.time())
                .toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "m v=1;m|v:DOUBLE=1.0|-",
                "m,a=b,c=d v=-1.5e3 17;m|a=b|c=d|v:DOUBLE=-1500.0|17",
                "m v=1i,w=-9223372036854775808i -5;m|v:LONG=1|w:LONG=-9223372036854775808|-5",
                "m v=7u;m|v:LONG=7|-",
                "m v=t,w=FALSE;m|v:BOOL=true|w:BOOL=false|-",
                "m v=\"a, b=c\";m|v:STRING=a, b=c|-",
                "m v=\"say \\\"yes\\\" \\\\ \\x\";m|v:STRING=say \"yes\" \\ \\x|-",
                "a\\,b\\ c,t\\=1=x\\,y f\\ g=1;a,b c|t=1=x,y|f g:DOUBLE=1.0|-",
                "a\\b v=1;a\\b|v:DOUBLE=1.0|-",
                "   m v=1   12  ;m|v:DOUBLE=1.0|12",
                "größe,ort=köln temp=1;größe|ort=köln|temp:DOUBLE=1.0|-",
                "# comment;nothing",
            })
    void parses(String text, String expected) throws Exception {
        assertThat(shown(text)).isEqualTo(expected);
    }

    @Test
    void emptyLine_isNothing() throws Exception {
        assertThat(parse("")).isNull();
        assertThat(parse("  ")).isNull();
        assertThat(parse("\r")).isNull();
        assertThat(shown("m v=1 5\r")).isEqualTo("m|v:DOUBLE=1.0|5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "m;found the end of the line, expected a space before the fields, at byte 2",
                "m v;found the end of the line, expected '=' after the field key, at byte 4",
                "m v=;found the end of the line, expected value of field \"v\", at byte 5",
                "m v=1,;found the end of the line, expected field key, at byte 7",
                "m, v=1;found ' ', expected tag key, at byte 3",
                "m,a v=1;found ' ', expected '=' after the tag key, at byte 4",
                "m,a= v=1;found ' ', expected value of tag \"a\", at byte 5",
                "m,a=1,a=2 v=1;tag \"a\" is there twice",
                ",a=1 v=1;found ',', expected measurement, at byte 1",
                "m v=NaN;field \"v\" is NaN, expected a number, true, false, or a quoted text, at byte 5",
                "m v=1e999;field \"v\" is 1e999, expected a number within the range of doubles, at byte 5",
                "m v=1.2.3;field \"v\" is 1.2.3, expected a number, at byte 5",
                "m v=-;field \"v\" is -, expected a number within the range of doubles, at byte 5",
                "m v=1x;field \"v\" is 1x, expected a number, at byte 5",
                "m v=9223372036854775808i;field \"v\" is 9223372036854775808i, expected a whole number of 64 bits with sign, at byte 5",
                "m v=1.5i;field \"v\" is 1.5i, expected digits and i or u, at byte 5",
                "m v=\"open;found the end of the line, expected a closing quote, at byte 10",
                "m v=1 now;time stamp \"now\", expected a whole number of 64 bits, at byte 7",
                "m v=1 99999999999999999999;time stamp \"99999999999999999999\", expected a whole number of 64 bits, at byte 7",
                "m v=1 5 6;found '6', expected the end of the line after the time stamp, at byte 9",
            })
    void malformed_saysWhatIsExpectedWhere(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(MalformedException.class)
                .hasMessage(message);
    }

    @Test
    void invalidUtf8_isMalformed() {
        byte[] bytes = {'m', (byte) 0xff, ' ', 'v', '=', '1'};
        assertThatThrownBy(() -> new LineProtocol().parse(bytes, 0, bytes.length))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedLines_areParsedOrRefused(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good = "m,a=b\\ c,d=e f=1.5,g=2i,h=t,i=\"x\\\"y\" 1700000000".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(1, good.length + 1));
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            parseHostile(bytes);
        }
    }

    @FuzzTest
    void anyBytes_areParsedOrRefused(byte[] bytes) {
        parseHostile(bytes);
    }

    private static void parseHostile(byte[] bytes) {
        try {
            new LineProtocol().parse(bytes, 0, bytes.length);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
