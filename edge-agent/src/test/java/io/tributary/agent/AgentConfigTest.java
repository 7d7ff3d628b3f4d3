package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class AgentConfigTest {
    private static final Path SAMPLE =
            Path.of(System.getProperty("tributary.root", ".."), "edge-agent", "conf", "edge-agent.yaml");
    private static final String MINIMAL = """
            agent: a
            outbox:
              path: outbox
            sources:
              - type: tcp-frames
              - type: tcp-lines
            """;

    @TempDir
    Path directory;

    @Test
    void sample_showsTheDefaults() throws Exception {
        AgentConfig sample = ConfigReader.read(SAMPLE, AgentConfig.class);
        AgentConfig minimal = ConfigReader.parse(MINIMAL, "minimal", AgentConfig.class);
        assertThat(sample.agent()).isEqualTo("greenhouse-1");
        assertThat(sample.collector()).isEqualTo(minimal.collector());
        assertThat(sample.outbox()).isEqualTo(minimal.outbox());
        assertThat(sample.forward()).isEqualTo(minimal.forward());
        assertThat(sample.http()).isEqualTo(minimal.http());
        assertThat(sample.schema()).isEqualTo(minimal.schema());
        assertThat(sample.process()).isEqualTo(minimal.process()).isEmpty();
        assertThat(sample.sources()).isEqualTo(minimal.sources());
    }

    @Test
    void everyProblem_isToldAtOnceWithItsPlace() {
        String yaml = """
                agent: a
                collector:
                  adress: 127.0.0.1:9440
                outbox:
                  path: outbox
                  max-bytes: 1MB
                sources:
                  - type: tcp-frames
                    listen: 0.0.0.0:9441
                  - type: tcp-line
                """;
        assertThatThrownBy(() -> ConfigReader.parse(yaml, "agent.yaml", AgentConfig.class))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("agent.yaml:3:3")
                .hasMessageContaining("address")
                .hasMessageContaining("agent.yaml:5:3")
                .hasMessageContaining("max-bytes is 1000000B, expected at least 40MiB")
                .hasMessageContaining("agent.yaml:8:5")
                .hasMessageContaining("allow-plaintext-off-loopback: true")
                .hasMessageContaining("tcp-lines");
    }

    @Test
    void rulesAndSchema_areRead() throws Exception {
        String yaml = MINIMAL + """
                schema:
                  unit-change: convert
                  channels:
                    - {channel: "temp*", type: double, unit: Cel}
                process:
                  - channel: "temp*"
                    scale: 0.1
                    plausible: {min: -40}
                    deadband: {percent: 1}
                    max-interval: 10m
                  - window: {every: 1m, functions: [avg, last]}
                """;
        AgentConfig config = ConfigReader.parse(yaml, "agent.yaml", AgentConfig.class);
        assertThat(config.schema().channels()).hasSize(1);
        assertThat(config.process()).hasSize(2);
        String bad = MINIMAL + """
                process:
                  - on-change: true
                    window: {every: 1m}
                """;
        assertThatThrownBy(() -> ConfigReader.parse(bad, "agent.yaml", AgentConfig.class))
                .hasMessageContaining("agent.yaml:8:5")
                .hasMessageContaining("window together with on-change");
    }

    @Test
    void twoSourcesOfOneName_areRefused() {
        String yaml = MINIMAL + "  - type: tcp-lines\n";
        assertThatThrownBy(() -> ConfigReader.parse(yaml, "agent.yaml", AgentConfig.class))
                .hasMessageContaining("two sources are named \"tcp.lines\"");
    }

    @Test
    void sourceNamedAsAValueOfTheReadyLine_isRefused() {
        String yaml = MINIMAL + "  - {type: http, name: http}\n";
        assertThatThrownBy(() -> ConfigReader.parse(yaml, "agent.yaml", AgentConfig.class))
                .hasMessageContaining("a source is named \"http\"");
    }

    @Test
    void check_saysOk_andDoesNotStart() throws Exception {
        Path file = Files.writeString(directory.resolve("agent.yaml"), MINIMAL);
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(new EdgeAgent.Run()).setOut(new PrintWriter(out));
        assertThat(line.execute("--config", file.toString(), "--check")).isZero();
        assertThat(out.toString()).isEqualTo(file + ": ok" + System.lineSeparator());
    }

    @Test
    void badConfiguration_endsWithTwo_failureToStartWithOne() throws Exception {
        assertThat(EdgeAgent.execute()).isEqualTo(2);
        assertThat(EdgeAgent.execute(
                        "run", "--config", directory.resolve("none.yaml").toString()))
                .isEqualTo(2);
        Path occupied = Files.writeString(directory.resolve("file"), "");
        Path file = Files.writeString(
                directory.resolve("agent.yaml"), MINIMAL.replace("path: outbox", "path: " + occupied));
        assertThat(EdgeAgent.execute("run", "--config", file.toString())).isEqualTo(1);
    }
}
