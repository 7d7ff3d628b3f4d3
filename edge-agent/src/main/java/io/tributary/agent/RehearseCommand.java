package io.tributary.agent;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code edge-agent rehearse}: runs an agent in a folder of its own, with a source of every kind that needs no peer, sends a
 * reading to each listener, and ends. So the JVM sees the classes that an agent uses; the launcher's {@code archive} keeps
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
            collector: {address: "127.0.0.1:1"}
            outbox: {path: "%1$s/outbox"}
            forward: {drain-timeout: 1ms}
            http: {listen: "127.0.0.1:0"}
            sources:
              - {type: tcp-frames, listen: "127.0.0.1:0"}
              - {type: tcp-lines, listen: "127.0.0.1:0"}
              - {type: udp-lines, listen: "127.0.0.1:0"}
              - {type: http, listen: "127.0.0.1:0"}
              - {type: mqtt-listener, listen: "127.0.0.1:0", topics: [{topic: "rehearsal/{device}"}]}
              - {type: mqtt, broker: "127.0.0.1:1", topics: [{topic: "rehearsal/{device}"}]}
              - {type: linux}
              - {type: exec, command: [echo, "m,device=exec n=1"], decode: {type: line}, interval: 1m, timeout: 10s}
              - {type: file, path: "%1$s/lines", decode: {type: line}}
            """;

    /** CONNECT of MQTT 3.1.1 as client {@code r}, a PUBLISH with QoS 1 to {@code rehearsal/r}, DISCONNECT. */
    private static final String MQTT = "\20\15\0\4MQTT\4\2\0\74\0\1r" + "2\26\0\13rehearsal/r\0\1{\"n\":1}" + "\340\0";

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory("tributary-rehearsal-");
        try {
            Files.writeString(directory.resolve("lines"), "m,device=file n=1\n");
            AgentConfig config = ConfigReader.parse(CONFIG.formatted(directory), "rehearsal.yaml", AgentConfig.class);
            try (Agent agent = new Agent(config, () -> config, EdgeAgent.version())) {
                agent.start();
                String ready = agent.readyValues();
                say(ready, "tcp.lines", "m,device=d n=1,b=2i,t=\"text\",o=true\n");
                say(
                        ready,
                        "http.write",
                        "POST /write HTTP/1.1\r\nHost: r\r\nConnection: close\r\nContent-Length: 14\r\n\r\n"
                                + "m,device=d n=1");
                say(ready, "mqtt.listener", MQTT);
                say(ready, "http", "GET /metrics HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
            }
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

    /** Sends it, and reads until the agent closes. */
    private static void say(String ready, String source, String bytes) throws IOException {
        String at = List.of(ready.split(" ")).stream()
                .filter(each -> each.startsWith(source + "="))
                .findFirst()
                .orElseThrow();
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
