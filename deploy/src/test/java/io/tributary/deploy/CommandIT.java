package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands from the collector's API to a device at the agent, real processes, killed in the middle. */
final class CommandIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LISTENER = """
              - type: mqtt-listener
                name: sensors
                listen: 127.0.0.1:0
                topics:
                  - topic: "in/{device}/{channel}"
                    decode: {type: plain}
            """;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));
    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonMapper json = JsonMapper.shared();

    @TempDir
    Path directory;

    @Test
    void command_happensAtMostOnce_whoeverIsKilled() throws Exception {
        try (Line line = new Line(installation, directory).withAgentSources(LISTENER)) {
            atMostOnce(line);
        }
    }

    /** The same through a broker, which is killed, too, and remembers nothing. */
    @Test
    void overMqtt_command_happensAtMostOnce_whoeverIsKilled() throws Exception {
        try (Broker broker = Broker.start(Broker.Kind.MOSQUITTO, directory);
                Line line = new Line(installation, directory).withAgentSources(LISTENER)) {
            line.withCollectorMqtt("  broker: 127.0.0.1:" + broker.port() + "\n  reconnect-max: 1s\n")
                    .withAgentUplinks(
                            "  uplinks: [mqtt]\n  mqtt: {broker: \"127.0.0.1:" + broker.port()
                                    + "\", answer-timeout: 3s}\n",
                            0);
            atMostOnce(line);
            brokerKilledBeforeTheResult(line, broker);
        }
    }

    private void brokerKilledBeforeTheResult(Line line, Broker broker) throws Exception {
        try (CommandedDevice device = device(line)) {
            submit(line, "broker", "open");
            CommandedDevice.Received received = device.receive();
            broker.kill();
            device.acknowledge(received);
            broker.start();
            awaitState(line, "broker", "done");
            assertThat(device.isSilentFor(500)).isTrue();
        }
    }

    private void atMostOnce(Line line) throws Exception {
        line.start();
        awaitAgent(line);
        try (CommandedDevice device = device(line)) {
            assertThat(submit(line, "plain", "open").get("state").asString()).isIn("sent", "pending");
            CommandedDevice.Received received = device.receive();
            assertThat(received.topic()).isEqualTo("tributary/commands/press/valve");
            assertThat(received.payload()).isEqualTo("open");
            device.acknowledge(received);
            awaitState(line, "plain", "done");
            assertThat(submit(line, "plain", "open").get("state").asString()).isEqualTo("done");
            assertThat(device.isSilentFor(500)).isTrue();
        }
        killedWhileItWaits(line);
        killedBeforeTheAnswer(line);
        collectorKilledBeforeTheResult(line);
        String audit = Files.readString(directory.resolve("collector-data/audit.log"));
        assertThat(audit.lines().filter(each -> each.contains("\"command-submitted\"")))
                .hasSize(4);
        assertThat(audit.lines().filter(each -> each.contains("\"command-ended\"")))
                .hasSize(4);
    }

    /** Nothing had happened: it happens afterwards, once. */
    private void killedWhileItWaits(Line line) throws Exception {
        submit(line, "waits", "open");
        awaitState(line, "waits", "sent");
        line.killAgent();
        line.startAgent();
        awaitAgent(line);
        try (CommandedDevice device = device(line)) {
            device.acknowledge(device.receive());
            awaitState(line, "waits", "done");
            assertThat(device.isSilentFor(500)).isTrue();
        }
    }

    /** It may have happened: it is not repeated, and the result says so. */
    private void killedBeforeTheAnswer(Line line) throws Exception {
        try (CommandedDevice device = device(line)) {
            submit(line, "begun", "open");
            device.receive();
            line.killAgent();
        }
        line.startAgent();
        try (CommandedDevice device = device(line)) {
            awaitState(line, "begun", "unknown");
            assertThat(device.isSilentFor(500)).isTrue();
        }
        assertThat(command(line, "begun").get("detail").asString())
                .contains("the agent ended between sending it and hearing the answer");
    }

    private void collectorKilledBeforeTheResult(Line line) throws Exception {
        try (CommandedDevice device = device(line)) {
            submit(line, "restart", "open");
            CommandedDevice.Received received = device.receive();
            line.killCollector();
            device.acknowledge(received);
            line.startCollector();
            awaitState(line, "restart", "done");
            assertThat(device.isSilentFor(500)).isTrue();
        }
    }

    @Test
    void desiredConfig_isAppliedOrRefused_andOutlivesTheAgent() throws Exception {
        try (Line line = new Line(installation, directory)) {
            line.start();
            awaitAgent(line);
            JsonNode refused = desire(line, "sources:\n  - type: tcp-line\n");
            assertThat(refused.get("state").asString()).isEqualTo("refused");
            assertThat(refused.get("report").get("reasons").get(0).asString())
                    .contains("1:2:11: sources[0].type: unknown type \"tcp-line\"");
            assertThat(desire(line, "outbox:\n  path: elsewhere\n")
                            .get("report")
                            .get("reasons")
                            .get(0)
                            .asString())
                    .contains("unknown key");

            JsonNode applied =
                    desire(line, "sources:\n  - type: tcp-lines\n    name: moved\n    listen: 127.0.0.1:0\n");
            assertThat(applied.get("state").asString()).isEqualTo("applied");
            assertThat(sources(line, "d1").has("moved")).isTrue();
            assertThat(sources(line, "d2").has("tcp.lines")).isFalse();

            line.killAgent();
            line.startAgent();
            awaitAgent(line);
            assertThat(sources(line, "d3").has("moved")).isTrue();
            assertThat(desire(line, "").get("state").asString()).isEqualTo("applied");
            assertThat(sources(line, "d4").has("tcp.lines")).isTrue();
        }
    }

    private JsonNode sources(Line line, String id) throws Exception {
        call(line, "POST", "/commands", "{\"id\":\"" + id + "\",\"kind\":\"agent\",\"action\":\"diagnostics\"}");
        awaitState(line, id, "done");
        return json.readTree(command(line, id).get("detail").asString()).get("sources");
    }

    private JsonNode desire(Line line, String yaml) throws Exception {
        long version =
                json.readTree(call(line, "PUT", "/config", yaml)).get("version").asLong();
        Await.until(
                PATIENCE,
                () -> !config(line).get("state").asString().equals("pending"),
                () -> "config " + version + " is not reported");
        return config(line);
    }

    private JsonNode config(Line line) {
        return json.readTree(call(line, "GET", "/config", ""));
    }

    private static CommandedDevice device(Line line) throws IOException {
        return new CommandedDevice(line.agentPort("sensors"), "press");
    }

    private JsonNode submit(Line line, String id, String payload) {
        return json.readTree(call(line, "POST", "/commands", """
                {"id": "%s", "kind": "device-publish", "device": "press", "topic": "valve", "payload": "%s",
                 "expires": "2m"}""".formatted(id, payload)));
    }

    private JsonNode command(Line line, String id) {
        return json.readTree(call(line, "GET", "/commands/" + id, ""));
    }

    private void awaitState(Line line, String id, String state) {
        Await.until(
                PATIENCE,
                () -> command(line, id).get("state").asString().equals(state),
                () -> "command " + id + " is not " + state + ": " + command(line, id));
    }

    private void awaitAgent(Line line) {
        Await.until(
                PATIENCE,
                () -> line.collectorApi()
                        .get("/api/v1/agents/demo-agent")
                        .body()
                        .contains("\"connected\":true"),
                () -> "the agent does not connect");
    }

    private String call(Line line, String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + line.httpPort() + "/api/v1/agents/demo-agent" + path))
                .method(
                        method,
                        body.isEmpty() && method.equals("GET")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(body))
                .timeout(PATIENCE)
                .build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
            return response.body();
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(method + " " + path, e);
        }
    }
}
