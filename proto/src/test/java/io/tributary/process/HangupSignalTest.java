package io.tributary.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a process of its own: a build under {@code nohup} ignores the signal, and its children with it unless told. */
final class HangupSignalTest {
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void eachHangup_isTold_andDoesNotEndTheProcess() throws Exception {
        Process process = new ProcessBuilder(
                        "env",
                        "--default-signal=HUP",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Listener.class.getName())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader told = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(told.readLine()).isEqualTo("ready");
            for (int i = 0; i < 2; i++) {
                hangUp(process);
                assertThat(told.readLine()).isEqualTo("told");
            }
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void hangUp(Process process) throws Exception {
        int code = new ProcessBuilder("sh", "-c", "kill -HUP " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(code).isZero();
    }

    /** Says a word for each signal until it is killed. */
    static final class Listener {
        private Listener() {}

        public static void main(String[] args) throws InterruptedException {
            HangupSignal.onEach(() -> System.out.println("told"));
            System.out.println("ready");
            Thread.currentThread().join();
        }
    }
}
