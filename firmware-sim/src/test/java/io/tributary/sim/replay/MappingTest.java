package io.tributary.sim.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MappingTest {
    private static final Path MODULE = Path.of(System.getProperty("tributary.root"), "firmware-sim");

    @Test
    void every_shipped_mapping_can_be_read_by_file_and_by_name() throws Exception {
        try (Stream<Path> files = Files.list(MODULE.resolve("mappings"))) {
            List<Path> all = files.toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(6);
            for (Path file : all) {
                String name = file.getFileName().toString().replace(".yaml", "");
                assertThat(Mapping.load(name)).as(name).isEqualTo(Mapping.load(file.toString()));
            }
        }
    }

    @Test
    void the_samples_of_the_readme_can_be_read() throws Exception {
        String readme = Files.readString(MODULE.resolve("README.md"));
        Matcher sample = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(readme);
        int count = 0;
        while (sample.find()) {
            count++;
            ConfigReader.parse(sample.group(1), "README.md sample " + count, Mapping.class);
        }
        assertThat(count).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "device: {}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|exactly one of column",
                "device: {id: d, column: x}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|exactly one of",
                "device: {id: d}\ntime: {columns: [t]}\nchannels: [{column: x}]|exactly one of pattern and epoch",
                "device: {id: d}\ntime: {columns: [t], pattern: 'yyyy-bb'}\nchannels: [{column: x}]|pattern \"yyyy-bb\"",
                "device: {id: d}\ntime: {columns: [a, b], epoch: s}\nchannels: [{column: x}]|expected one",
                "device: {id: d}\ntime: {columns: [t], epoch: s}\nchannels: []|at least one channel",
                "device: {id: d}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}, {column: y, name: x}]|two channels",
                "device: {file-name: 'a.*'}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|has no group",
                "device: {file-name: '(a'}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|no pattern",
                "device: {id: d}\nheader: false\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|names of the columns",
                "delimiter: ab\ndevice: {id: d}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|one character",
                "format: line-protocol\ndevice: {id: d}\ntime: {epoch: s}|device.tag",
                "device: {tag: d}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]|for line protocol",
                "device: {id: d}\ntime: {columns: [t], epoch: s}\nchannel: [{column: x}]|did you mean",
            })
    void mistakes_are_told(String textAndMessage) {
        int bar = textAndMessage.indexOf('|');
        assertThatThrownBy(() -> ConfigReader.parse(textAndMessage.substring(0, bar), "m.yaml", Mapping.class))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(textAndMessage.substring(bar + 1));
    }
}
