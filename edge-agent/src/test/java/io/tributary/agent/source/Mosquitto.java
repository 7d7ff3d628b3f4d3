package io.tributary.agent.source;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Debian's Mosquitto, broker and clients: the foreign peer of the MQTT sources. */
public final class Mosquitto implements AutoCloseable {
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/usr/local/sbin"));

    private final Path directory;
    private final int port;
    private final String extra;
    private @Nullable Process process;

    private Mosquitto(Path directory, int port, String extra) {
        this.directory = directory;
        this.port = port;
        this.extra = extra;
    }

    /** The test is skipped, saying so, where they are not installed. */
    public static void assumeInstalled(String... programs) {
        for (String program : programs) {
            assumeTrue(
                    find(program) != null,
                    program + " is not installed: apt-get install mosquitto mosquitto-clients; its tests are skipped");
        }
    }

    private static @Nullable Path find(String program) {
        return PLACES.stream()
                .map(place -> place.resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** @param extra lines of its configuration, after those of its one listener */
    public static Mosquitto start(Path directory, String extra) throws IOException {
        assumeInstalled("mosquitto");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Mosquitto broker = new Mosquitto(directory, port, extra);
        broker.start();
        return broker;
    }

    public int port() {
        return port;
    }

    /** Again after {@link #stop}, with what it has kept. */
    public void start() throws IOException {
        Path config = Files.writeString(
                directory.resolve("mosquitto.conf"),
                "listener " + port + " 127.0.0.1\n"
                        + "persistence true\n"
                        + "persistence_location " + directory + "/\n"
                        + "max_queued_messages 0\n"
                        + (System.getProperty("user.name").equals("root") ? "user root\n" : "")
                        + (extra.contains("allow_anonymous") ? "" : "allow_anonymous true\n")
                        + extra);
        Process started = new ProcessBuilder(String.valueOf(find("mosquitto")), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mosquitto.log").toFile())
                .start();
        process = started;
        Awaitility.await().until(() -> {
            if (!started.isAlive()) {
                throw new IOException(Files.readString(directory.resolve("mosquitto.log")));
            }
            try (Socket probe = new Socket("127.0.0.1", port)) {
                return probe.isConnected();
            } catch (IOException e) {
                return false; // not yet
            }
        });
    }

    /** SIGTERM: it writes what it has. */
    public void stop() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroy();
            if (!running.waitFor(20, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    /** @param exit code of the program, @param output of it, both kinds */
    public record Ran(int exit, String output) {}

    /** {@code mosquitto_pub} or {@code mosquitto_sub} against a port of this machine. */
    public static Ran run(String program, int port, String input, String... arguments)
            throws IOException, InterruptedException {
        Process client = begin(program, port, arguments);
        try (OutputStream out = client.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            if (client.isAlive()) {
                throw e; // else it ended without reading, and says why
            }
        }
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(client.waitFor(), output);
    }

    public static Process begin(String program, int port, String... arguments) throws IOException {
        assumeInstalled(program);
        List<String> command =
                new ArrayList<>(List.of(String.valueOf(find(program)), "-h", "127.0.0.1", "-p", String.valueOf(port)));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Hashes the password as {@code mosquitto_passwd} does. */
    public static Path passwords(Path file, String user, String password) throws IOException, InterruptedException {
        assumeInstalled("mosquitto_passwd");
        boolean exists = Files.exists(file);
        List<String> command = new ArrayList<>(List.of(String.valueOf(find("mosquitto_passwd")), "-b"));
        if (!exists) {
            command.add("-c");
        }
        command.addAll(List.of(file.toString(), user, password));
        int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exit != 0) {
            throw new IOException("mosquitto_passwd ended with " + exit);
        }
        return file;
    }
}
