package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every protocol that firmware-sim speaks, through an agent that is killed in the middle, into a collector. */
final class ProtocolsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String VERIFIED = "lost 0 duplicated 0 altered 0 unexpected 0";
    private static final int OPCUA_STEPS = 60;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    /** What the agent is killed in the middle of. */
    private final List<Program> running = new ArrayList<>();

    private final List<Path> ledgers = new ArrayList<>();

    @Test
    void everyProtocol_throughAKill_losesNothing() throws Exception {
        int mqtt = freePort();
        int http = freePort();
        int json = freePort();
        int opcua = freePort();
        try (Line line = new Line(installation, directory).withAgentSources(sources(mqtt, http, json, opcua))) {
            Path opcuaLedger = directory.resolve("opcua.ledger");
            Program server = line.simulate("opcua", opcuaServer(opcua, opcuaLedger));
            server.awaitReady(PATIENCE);
            line.start();
            String broker = "mqtt://127.0.0.1:" + mqtt;
            fleet(line, "lines", broker, "--protocol lines --topic sim/lines/{device} --connections 20 --client lines");
            fleet(line, "json", broker, "--protocol json --topic sim/json/{device} --mqtt-version 3 --client json");
            fleet(line, "sparkplug", broker, "--protocol sparkplug --connections 3 --client spark");
            Await.until(
                    PATIENCE,
                    () -> nextSequence(line) > 5_000 && opcuaReadings(line) >= OPCUA_STEPS / 6,
                    () -> nextSequence(line) + " readings, of OPC UA " + opcuaReadings(line));
            line.killAgent();
            line.startAgent();
            awaitEnd();
            fleet(line, "senml", broker, "--protocol senml-json --topic sim/senml/{device} --qos 2 --client senml");
            fleet(line, "cbor", broker, "--protocol senml-cbor --topic sim/cbor/{device} --qos 2 --client cbor");
            fleet(line, "http", "http://127.0.0.1:" + http, "--connections 2");
            fleet(line, "ndjson", "tcp://127.0.0.1:" + json, "--protocol json");
            awaitEnd();
            awaitAll(line);
            server.close();
            ledgers.add(opcuaLedger);
            Program verify = line.verify("verify", ledgers);
            int exit = verify.awaitExit(PATIENCE);
            assertThat(verify.output()).as("see %s", verify.log()).contains(VERIFIED);
            assertThat(exit).isZero();
            Metrics metrics = line.agentApi().metrics();
            assertThat(metrics.sum("tributary_agent_opcua_gaps_total")).isZero();
            assertThat(metrics.sum("tributary_agent_opcua_transfers_total"))
                    .as("the subscription of before the kill")
                    .isEqualTo(1);
        }
    }

    private void fleet(Line line, String name, String to, String more) {
        Path ledger = directory.resolve(name + ".ledger");
        ledgers.add(ledger);
        List<String> arguments = new ArrayList<>(
                List.of("fleet", "--to", to, "--ledger", ledger.toString(), "--quiet", "--max-backoff", "500ms"));
        // Steps of a second: what SenML keeps of a time in CBOR.
        arguments.addAll(List.of("--devices", "20", "--steps", "100", "--rate", "2500"));
        arguments.addAll(List.of("--prefix", name + "-"));
        arguments.addAll(List.of(more.split(" ")));
        running.add(line.simulate(name, arguments));
    }

    private void awaitEnd() {
        for (Program each : running) {
            assertThat(each.awaitExit(PATIENCE)).as("see %s", each.log()).isZero();
        }
        running.clear();
    }

    private static List<String> opcuaServer(int port, Path ledger) {
        return List.of(
                "opcua-server",
                "--listen",
                "127.0.0.1:" + port,
                "--devices",
                "3",
                "--interval",
                "400ms",
                "--steps",
                String.valueOf(OPCUA_STEPS),
                "--linger",
                "1h",
                "--wait-for",
                "21",
                "--user",
                "agent",
                "--password",
                "secret",
                "--ledger",
                ledger.toString());
    }

    /** All values of OPC UA, and nothing on its way any more. */
    private static void awaitAll(Line line) {
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0
                        && opcuaReadings(line) == OPCUA_STEPS,
                () -> "readings queued: " + line.agentApi().metrics().sum("tributary_agent_outbox_readings")
                        + ", of OPC UA: " + opcuaReadings(line) + " of " + OPCUA_STEPS);
    }

    private static int opcuaReadings(Line line) {
        return line.collectorApi()
                .json("/api/v1/readings?device=opc-00001&channel=temperature&from=-1d&to=%2B1d&limit=1000")
                .get("readings")
                .size();
    }

    private static long nextSequence(Line line) {
        return (long) line.agentApi().metrics().sum("tributary_agent_next_sequence");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String sources(int mqtt, int http, int json, int opcua) {
        String document = "{type: json, device: \"{device}\", time: {path: time, format: ns},"
                + " channels: [{path: values.cycles, channel: cycles, value: long},"
                + " {path: \"values.*\", channel: \"{1}\"}]}";
        return """
                  - type: mqtt-listener
                    listen: 127.0.0.1:%d
                    topics:
                      - {topic: "sim/lines/{device}", decode: {type: line}}
                      - {topic: "sim/json/{device}", decode: %s}
                      - {topic: "sim/senml/{device}", decode: {type: senml-json}}
                      - {topic: "sim/cbor/{device}", decode: {type: senml-cbor}}
                      - {topic: "spBv1.0/#", decode: {type: sparkplug, device: "{device}", online: ""}}
                  - type: http
                    listen: 127.0.0.1:%d
                  - type: tcp-lines
                    name: ndjson
                    listen: 127.0.0.1:%d
                    decode: %s
                  - type: opcua
                    endpoint: opc.tcp://127.0.0.1:%d
                    user: agent
                    password: secret
                    publishing-interval: 100ms
                    queue: 1000
                    server-time: never
                    report: time
                    nodes:
                      - pattern: "Fleet/{device}/{channel}"
                """.formatted(mqtt, document, http, json, document, opcua).indent(0);
    }
}
