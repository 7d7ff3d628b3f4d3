package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EdgeAgentTest {
    @TempDir
    Path directory;

    @Test
    void plainRun_needsNoCommandLineLibrary_everythingElseDoes() {
        assertThat(EdgeAgent.configOfRun("run", "--config", "a.yaml")).isEqualTo(Path.of("a.yaml"));
        assertThat(EdgeAgent.configOfRun("run", "-c", "a.yaml")).isEqualTo(Path.of("a.yaml"));
        assertThat(EdgeAgent.configOfRun("run", "--config", "--check")).isNull();
        assertThat(EdgeAgent.configOfRun("run", "--config", "a.yaml", "--check"))
                .isNull();
        assertThat(EdgeAgent.configOfRun("run", "--config=a.yaml")).isNull();
        assertThat(EdgeAgent.configOfRun("outbox", "--config", "a.yaml")).isNull();
        assertThat(EdgeAgent.configOfRun()).isNull();
    }

    @Test
    void rehearsal_takesAndSends_withAllKindsOfSources_orThoseOfAConfiguration() throws Exception {
        assertThat(EdgeAgent.execute("rehearse")).isZero();
        Path config = Files.writeString(directory.resolve("agent.yaml"), """
                agent: a
                outbox: {path: %s/never-made}
                sources:
                  - {type: tcp-frames, listen: "127.0.0.1:0"}
                  - {type: opcua, endpoint: "opc.tcp://127.0.0.1:1", nodes: [{pattern: "{device}/{channel}"}]}
                """.formatted(directory));
        assertThat(EdgeAgent.execute("rehearse", "--config", config.toString())).isZero();
        assertThat(directory.resolve("never-made")).doesNotExist();
    }
}
