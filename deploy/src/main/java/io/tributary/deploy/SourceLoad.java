package io.tributary.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An agent with a source of every kind, and devices for each: simulators over TCP, UDP, HTTP, MQTT and OPC UA, a file that
 * grows, a command that prints. The devices send 7 readings a second each, 1,000 in all.
 */
final class SourceLoad implements AutoCloseable {
    private static final String MOSQUITTO = "/usr/sbin/mosquitto";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int FILE_LINES = 5;
    private static final int FILE_READINGS = 7;
    private static final String DOCUMENT = "{type: json, device: \"{device}\", time: {path: time, format: ns},"
            + " channels: [{path: \"values.cycles\", channel: cycles, value: long}, {path: \"values.*\", channel: \"{1}\"}]}";

    private final Line line;
    private final Path directory;
    private final boolean opcua;
    private final int brokerPort;
    private final int opcuaPort;
    private final List<Program> devices = new ArrayList<>();
    private final ScheduledExecutorService appender = new ScheduledThreadPoolExecutor(1);
    private final Map<String, Path> ledgers = new LinkedHashMap<>();
    private final AtomicLong appended = new AtomicLong();
    private @Nullable Process broker;

    /** @param opcua whether there is an OPC UA server, too */
    SourceLoad(Line line, Path directory, boolean opcua) throws IOException {
        this.line = line;
        this.directory = directory;
        this.opcua = opcua;
        brokerPort = Files.isExecutable(Path.of(MOSQUITTO)) ? freePort() : 0;
        opcuaPort = opcua ? freePort() : 0;
        line.withAgentSources(sources());
        line.withAgentSource("udp.lines", "  - type: udp-lines\n    listen: 127.0.0.1:${port}\n");
        line.withAgentSource("udp.frames", "  - type: udp-frames\n    listen: 127.0.0.1:${port}\n");
        line.withAgentSource("http.in", "  - type: http\n    name: http.in\n    listen: 127.0.0.1:${port}\n");
        line.withAgentSource(
                "mqtt.listener",
                "  - type: mqtt-listener\n    listen: 127.0.0.1:${port}\n    topics: [{topic: \"sim/{device}\", decode: "
                        + DOCUMENT + "}]\n");
        line.withAgentSource(
                "wrong.tcp",
                "  - type: tcp-lines\n    name: wrong.tcp\n    listen: 127.0.0.1:${port}\n    decode: {type: senml-json}\n");
        line.withAgentSource(
                "wrong.udp",
                "  - type: udp-lines\n    name: wrong.udp\n    listen: 127.0.0.1:${port}\n    decode: {type: json}\n");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String sources() {
        String sources = """
                  - type: linux
                    sensors:
                      - {sensor: thermal, interval: 1s}
                      - {sensor: load, interval: 1s}
                      - {sensor: memory, interval: 1s}
                      - {sensor: disk, interval: 10s}
                  - type: exec
                    command: [sh, -c, "while echo exec,device=exec n=1; do sleep 1; done"]
                    decode: {type: line}
                  - type: file
                    path: %s
                    decode: {type: line}
                """.formatted(file());
        if (brokerPort != 0) {
            sources += """
                      - type: mqtt
                        broker: 127.0.0.1:%d
                        topics: [{topic: "sim/{device}", decode: %s}]
                    """.formatted(brokerPort, DOCUMENT);
        }
        if (opcua) {
            sources += """
                      - type: opcua
                        endpoint: opc.tcp://127.0.0.1:%d
                        report: time
                        nodes: [{pattern: "Fleet/{device}/{channel}"}]
                    """.formatted(opcuaPort);
        }
        return sources;
    }

    private Path file() {
        return directory.resolve("growing.lp");
    }

    /** Broker and OPC UA server; before the agent. */
    void startPeers(long seconds) throws IOException {
        if (brokerPort != 0) {
            Path config = Files.writeString(
                    directory.resolve("mosquitto.conf"),
                    "listener " + brokerPort + " 127.0.0.1\nallow_anonymous true\npersistence false\n"
                            + (System.getProperty("user.name").equals("root") ? "user root\n" : ""));
            broker = new ProcessBuilder(MOSQUITTO, "-c", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("mosquitto.log").toFile())
                    .start();
            Await.until(PATIENCE, () -> answers(brokerPort), () -> "mosquitto does not listen");
        }
        if (opcua) {
            Program server = line.simulate(
                    "opcua",
                    List.of(
                            "opcua-server",
                            "--listen",
                            "127.0.0.1:" + opcuaPort,
                            "--devices",
                            "10",
                            "--interval",
                            "1s",
                            "--steps",
                            String.valueOf(seconds),
                            "--wait-for",
                            "70",
                            "--ledger",
                            ledger("opcua")));
            server.awaitReady(PATIENCE);
            devices.add(server);
        }
    }

    private static boolean answers(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** All devices, for so long. */
    void startDevices(long seconds) {
        int more = opcua ? 0 : 10;
        fleet("frames", line.framesUrl(), 20, seconds);
        fleet("lines", line.linesUrl(), 20, seconds, "--protocol", "lines");
        fleet("datagrams", "udp://127.0.0.1:" + line.agentPort("udp.lines"), 20, seconds);
        fleet("requests", "http://127.0.0.1:" + line.agentPort("http.in"), 20, seconds);
        int direct = (brokerPort == 0 ? 40 : 20) + more;
        String listener = "mqtt://127.0.0.1:" + line.agentPort("mqtt.listener");
        fleet("direct", listener, direct, seconds, "--protocol", "json", "--connections", String.valueOf(direct));
        if (brokerPort != 0) {
            fleet("brokered", "mqtt://127.0.0.1:" + brokerPort, 20, seconds, "--protocol", "json");
        }
        var unused = appender.scheduleAtFixedRate(this::append, 0, 1, TimeUnit.SECONDS);
    }

    private void fleet(String name, String to, int count, long seconds, String... more) {
        List<String> arguments = new ArrayList<>(List.of("fleet", "--quiet", "--speed", "1", "--interval", "1s"));
        arguments.addAll(List.of("--devices", String.valueOf(count), "--steps", String.valueOf(seconds)));
        arguments.addAll(List.of("--prefix", name + "-", "--to", to));
        arguments.addAll(List.of("--ledger", ledger(name)));
        arguments.addAll(List.of(more));
        devices.add(line.simulate(name, arguments));
    }

    private String ledger(String name) {
        return ledgers.computeIfAbsent(name, key -> directory.resolve(key + ".ledger"))
                .toString();
    }

    /** After the end of all devices. */
    void compare(StoredCheck stored) {
        appender.shutdown();
        Await.until(PATIENCE, appender::isTerminated, () -> "the file still grows");
        stored.count("file", "file-*", appended.get());
        ledgers.forEach((name, ledger) -> stored.ledger(name, ledger, name.equals("opcua") ? "sim-*" : name + "-*"));
    }

    private void append() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < FILE_LINES; i++) {
            lines.append("file,device=file-").append(i).append(" a=1,b=2,c=3,d=4,e=5,f=6,g=7\n");
        }
        try {
            Files.writeString(file(), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            appended.addAndGet(FILE_LINES * FILE_READINGS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the end of all devices. */
    void awaitEnd(Duration patience) {
        for (Program each : devices) {
            if (each.awaitExit(patience) != 0) {
                throw new ProgramFailedException(each, "failed");
            }
        }
    }

    @Override
    public void close() {
        appender.shutdownNow();
        Process running = broker;
        if (running != null) {
            running.destroy();
        }
    }
}
