package io.tributary.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Mosquitto on a free port of the loopback address, without anything on disk: what it held is gone when it ends. */
final class Broker implements AutoCloseable {
    private static final List<String> PLACES = List.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto");

    private final Path directory;
    private final int port;
    private final String rules;
    private @Nullable Process process;

    private Broker(Path directory, int port, String rules) {
        this.directory = directory;
        this.port = port;
        this.rules = rules;
    }

    /** Skips the test where Mosquitto is not installed. */
    static Broker start(Path directory) throws IOException {
        return start(directory, "listener PORT\nallow_anonymous true\npersistence false\n");
    }

    /** @param rules its configuration, with PORT for the port */
    static Broker start(Path directory, String rules) throws IOException {
        assumeTrue(PLACES.stream().anyMatch(each -> Files.isExecutable(Path.of(each))), "mosquitto is not installed");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Broker broker = new Broker(directory, port, rules);
        broker.start();
        return broker;
    }

    int port() {
        return port;
    }

    void start() {
        try {
            Path config = Files.writeString(
                    directory.resolve("mosquitto.conf"),
                    rules.replace("listener PORT", "listener " + port + " 127.0.0.1")
                            + (System.getProperty("user.name").equals("root") ? "user root\n" : ""));
            String program = PLACES.stream()
                    .filter(each -> Files.isExecutable(Path.of(each)))
                    .findFirst()
                    .orElseThrow();
            process = new ProcessBuilder(program, "-c", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("mosquitto.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(Duration.ofSeconds(20), this::answers, () -> "mosquitto does not listen, see " + directory);
    }

    private boolean answers() {
        try (Socket probe = new Socket("127.0.0.1", port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** kill -9. */
    void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            try {
                if (!running.waitFor(20, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("mosquitto was killed and still runs after 20 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        kill();
    }
}
