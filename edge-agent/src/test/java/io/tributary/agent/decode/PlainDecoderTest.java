package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.decoder;
import static io.tributary.agent.decode.Batches.message;
import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PlainDecoderTest {
    private static final Message.Names NAMES = new Message.Names("w7", "temp", Map.of("line", "a"));

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "auto;20;DOUBLE=20.0",
                "auto; 20.5\t;DOUBLE=20.5",
                "auto;-1.5e3;DOUBLE=-1500.0",
                "auto;.5;DOUBLE=0.5",
                "auto;true;BOOL=true",
                "auto;False;BOOL=false",
                "auto;ON;STRING=ON",
                "auto;0x10;STRING=0x10",
                "auto;1e999;STRING=1e999",
                "auto;nan;DOUBLE=NaN !81",
                "auto;größer;STRING=größer",
                "double;20;DOUBLE=20.0",
                "double;NaN;DOUBLE=NaN !81",
                "long;20;LONG=20",
                "long;-9223372036854775808;LONG=-9223372036854775808",
                "long;21.0;LONG=21",
                "long;1e3;LONG=1000",
                "bool;ON;BOOL=true",
                "bool;off;BOOL=false",
                "bool;1;BOOL=true",
                "string; 20 ;STRING= 20 ",
            })
    void payload_isOneValue(String kind, String payload, String expected) throws Exception {
        Decoder decoder = decoder("{type: plain, value: " + kind + "}");
        assertThat(shown(decoder.decode(message("", NAMES, payload)))).isEqualTo("w7{line=a} temp:" + expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "double;abc;channel \"temp\" is \"abc\", expected a number within the range of doubles",
                "double;1e999;channel \"temp\" is \"1e999\", expected a number within the range of doubles",
                "double;1.2.3;channel \"temp\" is \"1.2.3\", expected a number within the range of doubles",
                "long;1.5;channel \"temp\" is \"1.5\", expected a whole number of 64 bits",
                "long;9223372036854775808;channel \"temp\" is \"9223372036854775808\", expected a whole number of 64 bits",
                "bool;maybe;channel \"temp\" is \"maybe\", expected true or false, on or off, yes or no, 1 or 0",
                "auto;` `;an empty payload, expected a value",
            })
    void badPayload_saysWhatIsExpected(String kind, String payload, String message) {
        assertThatThrownBy(() -> decoder("{type: plain, value: " + kind + "}").decode(message("", NAMES, payload)))
                .isInstanceOf(MalformedException.class)
                .hasMessage(message);
    }

    @Test
    void configuration_namesWhatTheAddressDoesNot() throws Exception {
        Decoder decoder = decoder("{type: plain, device: boiler, channel: pressure, unit: bar}");
        assertThat(shown(decoder.decode(message("", Message.Names.NONE, "2.5"))))
                .isEqualTo("boiler pressure:DOUBLE[bar]=2.5");
        assertThatThrownBy(() -> decoder("{type: plain}").decode(message("", Message.Names.NONE, "2.5")))
                .hasMessage("no device, neither in the address nor in the payload");
    }

    @Test
    void namesThatBreakTheLimits_areMalformed() throws Exception {
        Decoder decoder = decoder("{type: plain}");
        Message.Names names = new Message.Names("d".repeat(300), "c", Map.of());
        assertThatThrownBy(() -> decoder.decode(message("", names, "2.5"))).isInstanceOf(MalformedException.class);
        byte[] large = new byte[(64 << 10) + 1];
        assertThatThrownBy(() -> decoder.decode(new Message("", NAMES, large))).isInstanceOf(MalformedException.class);
        byte[] invalid = {(byte) 0xff, '1'};
        assertThatThrownBy(() -> decoder.decode(new Message("", NAMES, invalid)))
                .hasMessage("text is not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void damagedPayloads_areDecodedOrRefused(long seed) throws Exception {
        byte[][] good = {bytes("21.5"), bytes("true"), bytes("-17"), bytes("größer")};
        for (String kind : new String[] {"auto", "double", "long", "bool", "string"}) {
            Hostile.damage(seed, 2_000, decoder("{type: plain, value: " + kind + "}"), "", good);
        }
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) throws Exception {
        Hostile.decode(decoder("{type: plain}"), "", bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
