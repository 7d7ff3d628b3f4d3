package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.proto.v1.FrameReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Whatever comes in that makes no sense: a clear error or a dead letter, and the rest of the stream unharmed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long NOW = 1_700_000_000_000_000_000L;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // by start
    private Line line;

    @BeforeAll
    void start() {
        line = new Line(installation, directory.resolve("line"));
        line.start();
    }

    @AfterAll
    void stop() {
        line.close();
    }

    private void awaitStored(String device, double value) {
        Await.until(
                PATIENCE,
                () -> {
                    JsonNode readings = line.collectorApi()
                            .json("/api/v1/latest?device=" + device)
                            .get("readings");
                    return !readings.isEmpty() && readings.get(0).get("value").asDouble() == value;
                },
                () -> device + " did not arrive");
    }

    private String agentLetters() {
        return line.agentApi().text("/deadletters?limit=1000");
    }

    @Test
    void garbageOnTheFramePort_isADeadLetter_andOthersGoOn() throws Exception {
        try (FrameConnection garbage = new FrameConnection(line.framesPort());
                FrameConnection good = new FrameConnection(line.framesPort())) {
            garbage.sendRaw("GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            FrameReply said = garbage.reply();
            assertThat(said.getResult()).isEqualTo(FrameReply.Result.REJECTED);
            assertThat(said.getMessage()).contains("expected at most 1048576");
            assertThat(garbage.isClosedByPeer()).isTrue();
            FrameReply accepted = good.exchange(FrameConnection.frame(1, "beside-garbage", "c", NOW, 1.5));
            assertThat(accepted.getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        }
        awaitStored("beside-garbage", 1.5);
        assertThat(agentLetters()).contains("malformed-frame").contains("GET / HTTP/1.1");
    }

    @Test
    void frameThatIsNoProtobuf_isRejected_andTheConnectionGoesOn() throws Exception {
        try (FrameConnection connection = new FrameConnection(line.framesPort())) {
            connection.sendBytes(new byte[] {1, 2, 3, 4, 5});
            FrameReply said = connection.reply();
            assertThat(said.getResult()).isEqualTo(FrameReply.Result.REJECTED);
            assertThat(said.getMessage()).startsWith("not a Frame");
            assertThat(connection
                            .exchange(FrameConnection.frame(2, "after-garbage", "c", NOW, 2.5))
                            .getResult())
                    .isEqualTo(FrameReply.Result.ACCEPTED);
        }
        awaitStored("after-garbage", 2.5);
    }

    @Test
    void malformedLines_areToldWithTheirNumber_andTheRestIsStored() throws Exception {
        try (LineConnection connection = new LineConnection(line.linesPort())) {
            connection.send("m,device=line-device v=1 " + NOW + "\nnonsense\nm v=2\n" + "x".repeat(100_000)
                    + "\nm,device=line-device v=3 " + (NOW + 1) + "\n");
            connection.awaitDurable(5);
            assertThat(connection.errors())
                    .hasSize(3)
                    .anyMatch(each -> each.startsWith("ERR 2 found the end of the line"))
                    .anyMatch(each -> each.startsWith("ERR 3 no tag \"device\""))
                    .anyMatch(each -> each.startsWith("ERR 4 line is longer than 65536 bytes"));
        }
        awaitStored("line-device", 3);
        assertThat(agentLetters()).contains("malformed-line").contains("nonsense");
    }

    @Test
    void futureStamps_areDeadLettersAtTheCollector_andCounted() throws Exception {
        long year2200 = 7_258_118_400_000_000_000L;
        try (FrameConnection connection = new FrameConnection(line.framesPort())) {
            connection.exchange(FrameConnection.frame(1, "from-the-future", "c", year2200, 1));
            connection.exchange(FrameConnection.frame(2, "from-the-future", "c", NOW, 2));
        }
        awaitStored("from-the-future", 2);
        String letters = line.collectorApi().text("/api/v1/deadletters");
        assertThat(letters).contains("future-event-time");
        JsonNode account =
                line.collectorApi().json("/api/v1/agents/demo-agent/gaps").get("account");
        assertThat(account.get("rejected").get("future-event-time").asLong()).isEqualTo(1);
        assertThat(line.agentApi().metrics().sum("tributary_agent_rejected_readings_total", "future-event-time"))
                .isEqualTo(1);
    }

    @Test
    void unknownKeys_areRefusedWithASuggestion() throws Exception {
        for (String program : List.of(Installation.AGENT, Installation.COLLECTOR)) {
            Path config = Files.writeString(
                    directory.resolve(program + "-typo.yaml"),
                    program.equals(Installation.AGENT)
                            ? "agent: a\noutbox:\n  pth: x\nsources:\n  - type: tcp-frames\n"
                            : "data: x\nhttp:\n  lisen: 127.0.0.1:0\n");
            Program refused = run(program, config, "typo");
            assertThat(refused.awaitExit(PATIENCE)).isEqualTo(2);
            assertThat(String.join("\n", refused.logTail(10)))
                    .contains(program + "-typo.yaml:3:3")
                    .contains(program.equals(Installation.AGENT) ? "path" : "listen");
        }
    }

    @Test
    void occupiedPort_endsWithAClearError() throws Exception {
        try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + occupied.getLocalPort();
            Path agent = Files.writeString(
                    directory.resolve("agent-port.yaml"),
                    "agent: a\noutbox:\n  path: " + directory.resolve("port-outbox")
                            + "\nhttp:\n  listen: 127.0.0.1:0\nsources:\n  - type: tcp-frames\n    listen: " + address
                            + "\n");
            Path collector = Files.writeString(
                    directory.resolve("collector-port.yaml"),
                    "data: " + directory.resolve("port-data") + "\nhttp:\n  listen: 127.0.0.1:0\ngrpc:\n  listen: "
                            + address + "\n");
            for (Map.Entry<String, Path> each : Map.of(Installation.AGENT, agent, Installation.COLLECTOR, collector)
                    .entrySet()) {
                Program refused = run(each.getKey(), each.getValue(), "port");
                assertThat(refused.awaitExit(PATIENCE)).isEqualTo(1);
                assertThat(String.join("\n", refused.logTail(10)))
                        .contains("cannot start")
                        .contains(address)
                        .containsIgnoringCase("in use");
            }
        }
    }

    @Test
    void directoryThatCannotBeUsed_endsWithAClearError() throws Exception {
        Path file = Files.writeString(directory.resolve("a-file"), "not a directory");
        Path agent = Files.writeString(
                directory.resolve("agent-dir.yaml"),
                "agent: a\noutbox:\n  path: " + file.resolve("outbox") + "\nsources:\n  - type: tcp-frames\n");
        Path collector =
                Files.writeString(directory.resolve("collector-dir.yaml"), "data: " + file.resolve("x") + "\n");
        for (Map.Entry<String, Path> each : Map.of(Installation.AGENT, agent, Installation.COLLECTOR, collector)
                .entrySet()) {
            Program refused = run(each.getKey(), each.getValue(), "dir");
            assertThat(refused.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(String.join("\n", refused.logTail(10)))
                    .contains("cannot start")
                    .contains(file.toString());
        }
    }

    private Program run(String program, Path config, String name) throws IOException {
        return Program.start(
                installation.script(program),
                List.of("run", "--config", config.toString()),
                Map.of(),
                directory.resolve(program + "-" + name + ".log"));
    }
}
