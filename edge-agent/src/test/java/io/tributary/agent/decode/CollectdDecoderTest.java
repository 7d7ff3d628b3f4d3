package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.decoder;
import static io.tributary.agent.decode.Batches.message;
import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CollectdDecoderTest {
    private static final String CONFIG = "{type: collectd}";

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "collectd/box-1/memory/memory-free;1781244000.250:12288;box-1 memory/memory-free:DOUBLE=12288.0",
                "site/collectd/box-1/cpu-0/cpu-idle;1781244000.250:99.5;box-1 cpu-0/cpu-idle:DOUBLE=99.5",
                "collectd/box-1/cpu-0/cpu-idle;1781244000.250:nan;box-1 cpu-0/cpu-idle:DOUBLE=NaN @1781244000250000000 !81",
            })
    void value_isOfHostPluginAndType(String topic, String payload, String expected) throws Exception {
        String decoded = shown(decoder(CONFIG).decode(message(topic, Message.Names.NONE, payload + "\0")));
        assertThat(decoded).contains(expected).contains("1781244000250000000");
    }

    @Test
    void severalValues_haveTheNamesOfTheirType_orNumbers() throws Exception {
        Decoder decoder = decoder(CONFIG);
        assertThat(shown(decoder.decode(message("c/h/load/load", Message.Names.NONE, "1:0.5:0.25:0.125"))))
                .contains("load/load.shortterm:DOUBLE=0.5")
                .contains("load/load.midterm:DOUBLE=0.25")
                .contains("load/load.longterm:DOUBLE=0.125");
        assertThat(shown(decoder.decode(message("c/h/interface-eth0/if_octets", Message.Names.NONE, "1:10:20"))))
                .contains("interface-eth0/if_octets.rx:DOUBLE=10.0")
                .contains("interface-eth0/if_octets.tx:DOUBLE=20.0");
        assertThat(shown(decoder.decode(message("c/h/own/thing", Message.Names.NONE, "1:10:20"))))
                .contains("own/thing.0:DOUBLE=10.0")
                .contains("own/thing.1:DOUBLE=20.0");
    }

    @Test
    void device_isThatOfTheTemplateOrTheConfiguration_whereThereIsOne() throws Exception {
        Message.Names names = new Message.Names("w7", "", Map.of("site", "a"));
        assertThat(shown(decoder(CONFIG).decode(message("c/h/load/x", names, "1:2"))))
                .startsWith("w7{site=a} ");
        assertThat(shown(decoder("{type: collectd, device: all}")
                        .decode(message("c/h/load/x", Message.Names.NONE, "1:2"))))
                .startsWith("all ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "load;1:2;topic \"load\", expected HOST/PLUGIN/TYPE",
                "c/h/load/x;12;\"12\", expected seconds since 1970 and 1 to 64 values",
                "c/h/load/x;1:;channel \"load/x\" is \"\", expected a number",
                "c/h/load/x;N:2;time is \"N\", expected a number",
                "c/h/load/x;1:U;channel \"load/x\" is \"U\", expected a number",
            })
    void otherPayloads_areMalformed(String topic, String payload, String reason) throws Exception {
        Decoder decoder = decoder(CONFIG);
        assertThatThrownBy(() -> decoder.decode(message(topic, Message.Names.NONE, payload)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(reason);
    }

    @FuzzTest
    void decode_neverFailsOtherwise(byte[] payload) throws Exception {
        Hostile.decode(decoder(CONFIG), "c/h/load/load", payload);
    }
}
