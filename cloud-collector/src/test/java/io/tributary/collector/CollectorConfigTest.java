package io.tributary.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CollectorConfigTest {
    private static final Path SAMPLE =
            Path.of(System.getProperty("tributary.root", ".."), "cloud-collector", "conf", "cloud-collector.yaml");

    @TempDir
    Path directory;

    @Test
    void sample_showsTheDefaults() throws Exception {
        CollectorConfig sample = ConfigReader.read(SAMPLE, CollectorConfig.class);
        CollectorConfig minimal = ConfigReader.parse("data: data", "minimal", CollectorConfig.class);
        assertThat(sample).isEqualTo(minimal);
        assertThat(minimal.storage().options()).isNotNull();
    }

    @Test
    void everyProblem_isToldAtOnceWithItsPlace() {
        String yaml = """
                data: data
                grpc:
                  io-threads: 0
                http:
                  port: 8480
                ingest:
                  batch-bytes-max: 32MiB
                storage:
                  partitions: 0
                """;
        assertThatThrownBy(() -> ConfigReader.parse(yaml, "collector.yaml", CollectorConfig.class))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("collector.yaml:5:3")
                .hasMessageContaining("partitions is 0, expected 1 to 4096");
    }

    @Test
    void plaintextOffLoopback_isRefusedUnlessItIsAskedFor() throws ConfigException {
        for (String section : new String[] {"grpc", "http"}) {
            String open = "data: data\n" + section + ":\n  listen: 0.0.0.0:9440\n";
            assertThatThrownBy(() -> ConfigReader.parse(open, "collector.yaml", CollectorConfig.class))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(section + ".listen is 0.0.0.0:9440")
                    .hasMessageContaining("allow-plaintext-off-loopback: true");
            ConfigReader.parse(
                    open + "  allow-plaintext-off-loopback: true\n", "collector.yaml", CollectorConfig.class);
            ConfigReader.parse(open + "security:\n  directory: security\n", "collector.yaml", CollectorConfig.class);
        }
    }

    @Test
    void badConfiguration_endsWithTwo_failureToStartWithOne() throws Exception {
        assertThat(CloudCollector.execute()).isEqualTo(2);
        assertThat(CloudCollector.execute(
                        "run", "--config", directory.resolve("none.yaml").toString()))
                .isEqualTo(2);
        Path occupied = Files.writeString(directory.resolve("file"), "");
        Path file = Files.writeString(
                directory.resolve("collector.yaml"),
                "data: " + occupied + "\ngrpc:\n  listen: 127.0.0.1:0\nhttp:\n  listen: 127.0.0.1:0\n");
        assertThat(CloudCollector.execute("run", "--config", file.toString())).isEqualTo(1);
    }
}
