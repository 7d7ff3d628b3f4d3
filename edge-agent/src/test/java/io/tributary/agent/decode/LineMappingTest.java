package io.tributary.agent.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mapping lets through, every collector has to be able to open: one bad line must not cost a whole batch. */
final class LineMappingTest {
    private static final LineMapping MAPPING = new LineMapping("device", "{measurement}.{field}", Precision.MS);

    private static Batch map(String text) throws MalformedException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Line line = Objects.requireNonNull(new LineProtocol().parse(bytes, 0, bytes.length));
        BatchBuilder builder = new BatchBuilder();
        MAPPING.add(line, Table.STAMP_ON_ARRIVAL, builder);
        return builder.build();
    }

    @Test
    void line_becomesReadingsOfItsDevice() throws Exception {
        Batch batch = map("weather,site=north,device=w7 temperature=20.5,ok=t 1700000000000");

        assertThat(batch.devices()).singleElement().satisfies(device -> {
            assertThat(device.id()).isEqualTo("w7");
            assertThat(device.tags()).containsOnly(java.util.Map.entry("site", "north"));
        });
        assertThat(batch.channels()).extracting("name").containsExactly("weather.temperature", "weather.ok");
        assertThat(batch.tables().get(0).eventTimes()[0]).isEqualTo(1_700_000_000_000_000_000L);
    }

    @Test
    void longestTextAndTag_canBeOpenedByACollector() throws Exception {
        String tag = "ü".repeat(127);
        String text = "x".repeat(BatchLimits.DEFAULT.stringBytesMax());
        byte[] encoded = BatchCodec.encode(map("m,device=d,site=" + tag + " note=\"" + text + "\""));

        assertThat(BatchCodec.decode(encoded, BatchLimits.DEFAULT).readingCount())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void textBeyondTheLimit_isMalformed(int bytesPerCharacter) {
        String character = bytesPerCharacter == 1 ? "x" : bytesPerCharacter == 2 ? "ü" : "€";
        String text = character.repeat(BatchLimits.DEFAULT.stringBytesMax() / bytesPerCharacter + 1);

        assertThatThrownBy(() -> map("m,device=d note=\"" + text + "\""))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("field \"note\"")
                .hasMessageContaining("expected at most 65536");
    }

    @Test
    void tagBeyondTheLimit_isMalformed() {
        assertThatThrownBy(() -> map("m,device=d,site=" + "x".repeat(256) + " v=1"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("value of tag site")
                .hasMessageContaining("longer than 255 bytes");
    }

    @Test
    void lineWithoutDevice_isMalformed() {
        assertThatThrownBy(() -> map("m,site=north v=1"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("no tag \"device\"");
    }
}
