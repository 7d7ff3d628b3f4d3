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
import org.junit.jupiter.params.provider.ValueSource;

final class LineDecoderTest {
    private static final String DECODE = "{type: line, mapping: {precision: s}}";

    @Test
    void severalLines_areOneBatch() throws Exception {
        String payload = """
                # a comment
                weather,device=w1,site=north temp=20.5,note="two
                lines" 10

                weather,device=w2 temp=21 11\r
                weather temp=22i""";
        assertThat(shown(decoder(DECODE)
                        .decode(message("", new Message.Names("gate", "", Map.of("line", "a")), payload))))
                .isEqualTo("""
                w1{line=a, site=north} temp:DOUBLE=20.5 @10000000000
                w1{line=a, site=north} note:STRING=two
                lines @10000000000
                w2{line=a} temp:DOUBLE=21.0 @11000000000
                gate{line=a} temp:LONG=22""");
    }

    @Test
    void badLine_refusesAll_andIsNamed() throws Exception {
        Decoder decoder = decoder(DECODE);
        assertThatThrownBy(() -> decoder.decode(message("m,device=a v=1,s=\"x\ny\"\n# c\nm,device=a v=x\n")))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("line 4: field \"v\" is x");
        assertThatThrownBy(() -> decoder.decode(message("m,device=a v=\"open\nm,device=a v=1\n")))
                .hasMessageStartingWith("line 1: found the end of the line, expected a closing quote");
        assertThatThrownBy(() -> decoder.decode(message("", Message.Names.NONE, "m v=1")))
                .hasMessage("line 1: no tag \"device\", which names the device");
        assertThatThrownBy(() -> decoder.decode(message("m v=1 9223372036854775807")))
                .hasMessageContaining("beyond the years");
    }

    @Test
    void tooManyReadings_areRefused() throws Exception {
        Decoder decoder = decoder(DECODE);
        String payload = "m,device=a v=1\n".repeat(Readings.MAX + 1);
        assertThatThrownBy(() -> decoder.decode(message(payload))).hasMessageContaining("more than");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedPayloads_areDecodedOrRefused(long seed) throws Exception {
        Hostile.damage(
                seed,
                10_000,
                decoder(DECODE),
                "",
                bytes("m,device=a,b=c\\ d f=1.5,g=2i,h=t,i=\"x\\\"y\nz\" 1700000000\nm f=1"),
                bytes("# c\r\nm,a=1 t=\"\\\\\" \n\n"));
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) throws Exception {
        Hostile.decode(decoder(DECODE), "", bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
