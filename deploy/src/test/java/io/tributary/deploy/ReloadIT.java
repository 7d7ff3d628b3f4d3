package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running agent is told to read its configuration anew. */
final class ReloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    /** Only a file that the configuration refers to is changed, which is not watched: what happens is the signal's doing. */
    @Test
    void hangup_takesAGoodConfiguration_refusesABadOne_andKeepsWhatWasTaken() throws Exception {
        Path name = Files.writeString(directory.resolve("name"), "first");
        String source = "  - type: tcp-lines\n    name: ${file:" + name + "}\n    listen: 127.0.0.1:0\n";
        try (Line line = new Line(installation, directory).withAgentSources(source)) {
            line.startCollector();
            line.startAgent();
            try (LineConnection device = new LineConnection(line.linesPort())) {
                device.send("r,device=reloaded value=1i 1\n");
                device.awaitDurable(1);

                Files.writeString(name, "second");
                line.agent().hangUp();
                awaitLog(line, "the configuration was read anew and is in effect");

                Files.writeString(name, "not a name!\u0007");
                line.agent().hangUp();
                awaitLog(line, "is refused, the old one stays");

                // The source that did not change has kept its connection through both.
                device.send("r,device=reloaded value=2i 2\n");
                device.awaitDurable(2);
            }
            Await.until(
                    PATIENCE,
                    () -> line.collectorApi()
                                    .json("/api/v1/readings?device=reloaded&from=1970-01-01&to=2100-01-01")
                                    .get("readings")
                                    .size()
                            == 2,
                    () -> "readings are missing");
            assertThat(line.agent().isAlive()).isTrue();
        }
    }

    private static void awaitLog(Line line, String text) {
        Await.until(
                PATIENCE,
                () -> String.join("\n", line.agent().logTail(50)).contains(text),
                () -> "the agent does not say: " + text + "; it says "
                        + line.agent().logTail(20));
    }
}
