package io.tributary.agent;

import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.uplink.RehearsalCollector;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.TypeName;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code edge-agent rehearse}: runs an agent in a folder of its own, with a source of every kind that needs no peer, sends a
 * reading to each listener, on to a collector of its own, and ends. So the JVM sees the classes that an agent uses; the launcher's {@code archive} keeps
 * them.
 */
@Command(
        name = "rehearse",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Runs an agent for a moment, for the JVM to see what it uses.")
final class RehearseCommand implements Callable<Integer> {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final String CONFIG = """
            agent: rehearsal
            collector: {address: "%2$s"}
            outbox: {path: "%1$s/outbox"}
            forward: {reconnect-min: 10ms, reconnect-max: 100ms, drain-timeout: 1s}
            http: {listen: "127.0.0.1:0"}
            sources:
            """;

    /** By the type; those that need a peer are not here, their classes come from their jars. */
    private static final Map<String, String> SOURCES = Map.of(
            "tcp-frames", "listen: \"127.0.0.1:0\"",
            "tcp-lines", "listen: \"127.0.0.1:0\"",
            "udp-lines", "listen: \"127.0.0.1:0\"",
            "http", "listen: \"127.0.0.1:0\"",
            "mqtt-listener", "listen: \"127.0.0.1:0\", topics: [{topic: \"rehearsal/{device}\"}]",
            "mqtt", "broker: \"127.0.0.1:1\", topics: [{topic: \"rehearsal/{device}\"}]",
            "linux", "name: linux",
            "exec", "command: [echo, \"m,device=exec n=1\"], decode: {type: line}, interval: 1m, timeout: 10s",
            "file", "path: \"%1$s/lines\", decode: {type: line}");

    /** CONNECT of MQTT 3.1.1 as client {@code r}, a PUBLISH with QoS 1 to {@code rehearsal/r}, DISCONNECT. */
    private static final String MQTT = "\20\15\0\4MQTT\4\2\0\74\0\1r" + "2\26\0\13rehearsal/r\0\1{\"n\":1}" + "\340\0";

    /** Length, and a frame of frame.proto with ID 1: channel {@code n} of device {@code r} is 1.0, stamped on arrival. */
    private static final String FRAME =
            "\0\0\0\27" + "\10\1\22\23" + "\12\1r\32\16" + "\22\14" + "\12\1n\31\0\0\0\0\0\0\360\77";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Only sources of the kinds that stand in this configuration, not those themselves.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory("tributary-rehearsal-");
        try (RehearsalCollector collector = RehearsalCollector.start()) {
            Files.writeString(directory.resolve("lines"), "m,device=file n=1\n");
            Set<String> types = types();
            StringBuilder yaml = new StringBuilder(CONFIG);
            SOURCES.forEach((type, keys) -> {
                if (types.contains(type)) {
                    yaml.append("  - {type: ")
                            .append(type)
                            .append(", ")
                            .append(keys)
                            .append("}\n");
                }
            });
            AgentConfig config = ConfigReader.parse(
                    yaml.toString().formatted(directory, collector.address()), "rehearsal.yaml", AgentConfig.class);
            try (Agent agent = new Agent(config, () -> config, EdgeAgent.version())) {
                agent.start();
                String ready = agent.readyValues();
                say(ready, "tcp.frames", FRAME);
                say(ready, "tcp.lines", "m,device=d n=1,b=2i,t=\"text\",o=true\n");
                say(
                        ready,
                        "http.write",
                        "POST /write HTTP/1.1\r\nHost: r\r\nConnection: close\r\nContent-Length: 14\r\n\r\n"
                                + "m,device=d n=1");
                say(ready, "mqtt.listener", MQTT);
                if (!collector.awaitDelivery(PATIENCE_MILLIS)) {
                    throw new IllegalStateException("nothing was sent in " + PATIENCE_MILLIS + " ms");
                }
                say(ready, "http", "GET /metrics HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (ConfigException e) {
            throw new IllegalStateException("BUG: " + e.getMessage(), e);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        return 0;
    }

    private Set<String> types() throws ConfigException {
        if (file == null) {
            return SOURCES.keySet();
        }
        Set<String> types = new HashSet<>();
        for (SourceConfig each : ConfigReader.read(file, AgentConfig.class).sources()) {
            types.add(each.getClass().getAnnotation(TypeName.class).value());
        }
        // Without one nothing would be taken, and nothing sent.
        types.add("tcp-lines");
        return types;
    }

    /** Sends it, and reads until the agent closes; nothing, when there is no such source. */
    private static void say(String ready, String source, String bytes) throws IOException {
        String at = List.of(ready.split(" ")).stream()
                .filter(each -> each.startsWith(source + "="))
                .findFirst()
                .orElse(null);
        if (at == null) {
            return;
        }
        int port = Integer.parseInt(at.substring(at.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream answers = socket.getInputStream()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            answers.readAllBytes();
        }
    }
}
