package io.tributary.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.BatchCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The worked example of proto/FORMAT.md is what the encoder writes, byte for byte. */
class BatchGoldenTest {
    /** Offset, bytes and, behind two spaces, their meaning. */
    private static final Pattern DUMP = Pattern.compile("([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+)(?:  .*)?");

    private static final HexFormat HEX = HexFormat.of();

    @Test
    void example_encodesToGoldenBytes() {
        byte[] expected = GoldenText.hex(GoldenText.lines("example.hex"));

        assertThat(HEX.formatHex(BatchCodec.encode(ExampleBatch.build()))).isEqualTo(HEX.formatHex(expected));
    }

    @Test
    void formatPage_showsTheGoldenBytes() throws Exception {
        Path page = Path.of(System.getProperty("tributary.root"), "proto", "FORMAT.md");
        StringBuilder dump = new StringBuilder();
        for (String line : Files.readAllLines(page)) {
            Matcher matcher = DUMP.matcher(line);
            if (matcher.matches()) {
                assertThat(Integer.parseInt(matcher.group(1), 16)).as(line).isEqualTo(dump.length() / 2);
                dump.append(matcher.group(2).replace(" ", ""));
            }
        }

        assertThat(dump.toString()).isEqualTo(HEX.formatHex(BatchCodec.encode(ExampleBatch.build())));
    }
}
