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

/** An MQTT broker of others on a free port of the loopback address, a process that tests kill and start again. */
final class Broker implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final List<String> MOSQUITTOS = List.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto");

    private final Kind kind;
    private final Path directory;
    private final int port;
    private final String rules;
    private @Nullable Process process;

    /** Which one. */
    enum Kind {
        /** As Debian has it, without anything on disk: what it held is gone when it ends. */
        MOSQUITTO,
        /** HiveMQ CE from Maven, which keeps sessions and messages on disk. */
        HIVEMQ
    }

    private Broker(Kind kind, Path directory, int port, String rules) {
        this.kind = kind;
        this.directory = directory;
        this.port = port;
        this.rules = rules;
    }

    /** Skips the test where the broker is not installed. */
    static Broker start(Kind kind, Path directory) throws IOException {
        return start(
                kind, directory, "listener PORT\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n");
    }

    /**
     * Mosquitto; skips the test where it is not installed.
     *
     * @param rules its configuration, with PORT for the port
     */
    static Broker start(Path directory, String rules) throws IOException {
        return start(Kind.MOSQUITTO, directory, rules);
    }

    private static Broker start(Kind kind, Path directory, String rules) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Broker broker = new Broker(kind, directory, port, rules);
        assumeTrue(broker.isInstalled(), kind + " is not installed");
        broker.start();
        return broker;
    }

    private boolean isInstalled() {
        return kind == Kind.HIVEMQ
                ? Files.exists(hivemqClassPath())
                : MOSQUITTOS.stream().anyMatch(each -> Files.isExecutable(Path.of(each)));
    }

    /** Written by the build, in the phase before the end-to-end tests. */
    private Path hivemqClassPath() {
        return Path.of(System.getProperty("tributary.root", ".."), "deploy", "target", "hivemq.classpath");
    }

    int port() {
        return port;
    }

    void start() {
        try {
            process = new ProcessBuilder(kind == Kind.HIVEMQ ? hivemq() : mosquitto())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("broker.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(START, this::answers, () -> kind + " does not listen, see " + directory.resolve("broker.log"));
    }

    private List<String> mosquitto() throws IOException {
        Path config = Files.writeString(
                directory.resolve("mosquitto.conf"),
                rules.replace("listener PORT", "listener " + port + " 127.0.0.1")
                        + (System.getProperty("user.name").equals("root") ? "user root\n" : ""));
        String program = MOSQUITTOS.stream()
                .filter(each -> Files.isExecutable(Path.of(each)))
                .findFirst()
                .orElseThrow();
        return List.of(program, "-c", config.toString());
    }

    private List<String> hivemq() throws IOException {
        Path home = directory.resolve("hivemq");
        for (String folder : List.of("conf", "data", "log", "extensions")) {
            Files.createDirectories(home.resolve(folder));
        }
        Files.writeString(home.resolve("conf/config.xml"), """
                <hivemq>
                  <listeners>
                    <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
                  </listeners>
                  <mqtt><queued-messages><max-queue-size>1000000</max-queue-size></queued-messages></mqtt>
                  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                </hivemq>
                """.formatted(port));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Dhivemq.home=" + home,
                "-cp",
                Files.readString(hivemqClassPath()).trim(),
                Foreign.resource(directory, "HiveMqBroker.java").toString(),
                home.toString());
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
            awaitEnd(running);
        }
    }

    /** SIGTERM, and started again: a broker that keeps things on disk has them all. */
    void restart() {
        Process running = process;
        if (running != null) {
            running.destroy();
            awaitEnd(running);
        }
        start();
    }

    private void awaitEnd(Process running) {
        try {
            if (!running.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException(kind + " was told to end and still runs after 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
