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

final class CsvDecoderTest {
    private static final Message.Names NAMES = new Message.Names("w7", "", Map.of());
    private static final String COLUMNS = "{type: csv, columns: [t, temp, note], time: t, time-format: s}";

    private static String read(String yaml, String payload) throws Exception {
        return shown(decoder(yaml).decode(message("", NAMES, payload)));
    }

    @Test
    void rows_areReadByTheirColumns() throws Exception {
        assertThat(read(COLUMNS, "1,20.5,ok\n2,,\"a \"\"b\"\", c\"\r\n"))
                .contains("temp:DOUBLE=20.5")
                .contains("note:STRING=ok")
                .contains("note:STRING=a \"b\", c");
    }

    @Test
    void header_mayStandInTheMessage() throws Exception {
        assertThat(read(
                        "{type: csv, time: t, time-format: s, device-column: id, tags: [site], ignore: [x],"
                                + " units: {temp: Cel}}",
                        "\uFEFFt,id,site,x,temp,\n1,d1,north,9,20.5,junk\n"))
                .contains("d1{site=north}")
                .contains("temp")
                .contains("20.5")
                .doesNotContain("junk")
                .doesNotContain("9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1,20.5|line 1: 2 columns, expected 3",
                "1,\"20.5,ok|line 1: column 2 has no closing quote in this line",
                "1,\"20.5\"x,ok|line 1: column 2 goes on behind its closing quote",
                "later,20.5,ok|line 1: ",
            })
    void whatIsWrong_isTold(String payload, String message) throws Exception {
        assertThatThrownBy(() -> read(COLUMNS, payload))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void configurations_areChecked() {
        assertThatThrownBy(() -> decoder("{type: csv, columns: [a], time: b}")).hasMessageContaining("time has \"b\"");
        assertThatThrownBy(() -> decoder("{type: csv, columns: [a, a]}")).hasMessageContaining("different names");
        assertThatThrownBy(() -> decoder("{type: csv, separator: ab}")).hasMessageContaining("one character");
    }

    @Test
    void damage_isRefusedOrRead() throws Exception {
        byte[] good = "t,temp,note\n1,20.5,\"a \"\"b\"\"\"\n2,21,\n".getBytes(StandardCharsets.UTF_8);
        Hostile.damage(1, 20_000, decoder("{type: csv, time: t}"), "", good);
    }

    @FuzzTest
    void anyBytes_areRefusedOrRead(byte[] bytes) throws Exception {
        Hostile.decode(decoder("{type: csv, separator: ';', time: t}"), "", bytes);
    }
}
