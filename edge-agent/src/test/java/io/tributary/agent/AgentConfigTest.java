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
                  size: 1MB
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
                .hasMessageContaining("size is 1000000B, expected at least 1MiB")
                .hasMessageContaining("agent.yaml:8:5")
                .hasMessageContaining("allow-plaintext-off-loopback: true")
                .hasMessageContaining("tcp-lines");
    }

    @Test
    void twoSourcesOfOneName_areRefused() {
        String yaml = MINIMAL + "  - type: tcp-lines\n";
        assertThatThrownBy(() -> ConfigReader.parse(yaml, "agent.yaml", AgentConfig.class))
                .hasMessageContaining("two sources are named \"tcp.lines\"");
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
