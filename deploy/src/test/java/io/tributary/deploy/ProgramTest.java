package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void readyLine_isParsed() throws IOException {
        try (Program program = start("echo 'READY thing http=127.0.0.1:81 data=/a path'; exec sleep 60")) {
            ReadyLine ready = program.awaitReady(LONG);
            assertThat(ready.program()).isEqualTo("thing");
            assertThat(ready.port("http")).isEqualTo(81);
            assertThat(ready.get("data")).isEqualTo("/a path");
            program.kill();
            assertThat(program.isAlive()).isFalse();
        }
    }

    @Test
    void programThatEndsEarly_isShownWithItsLog() throws IOException {
        try (Program program = start("echo 'no such port: 99999' >&2; exit 7")) {
            assertThatThrownBy(() -> program.awaitReady(LONG))
                    .isInstanceOf(ProgramFailedException.class)
                    .hasMessageContaining("ended with exit code 7 before it was ready")
                    .hasMessageContaining("no such port: 99999");
        }
    }

    @Test
    void stop_isTermination() throws IOException {
        try (Program program = start("trap 'echo bye; exit 3' TERM; echo READY thing; while :; do sleep 0.1; done")) {
            program.awaitReady(LONG);
            assertThat(program.stop(LONG)).isEqualTo(3);
            assertThat(program.output()).containsExactly("READY thing", "bye");
        }
    }

    @Test
    void laterStart_appendsToTheLog() throws IOException {
        for (String word : List.of("first", "second")) {
            try (Program program = start("echo " + word)) {
                assertThat(program.awaitExit(LONG)).isZero();
            }
        }
        assertThat(Files.readAllLines(folder.resolve("log"))).contains("first", "second");
    }

    private Program start(String shell) throws IOException {
        Path script = folder.resolve("program.sh");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return Program.start(script, List.of(), Map.of(), folder.resolve("log"));
    }
}
