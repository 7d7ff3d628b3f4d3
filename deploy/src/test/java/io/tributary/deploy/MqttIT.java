package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** The line with a broker in it: real processes, kill -9 of each, and of the broker, which may forget everything. */
final class MqttIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String VERIFIED = "lost 0 duplicated 0 altered 0 unexpected 0";
    private static final int DEVICES = 20;
    private static final int STEPS = 1_000;
    private static final int READINGS = DEVICES * STEPS * 7;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    private static String collectorMqtt(Broker broker) {
        return "  broker: 127.0.0.1:" + broker.port() + "\n  reconnect-max: 1s\n";
    }

    private static String agentMqtt(Broker broker, String uplinks) {
        return """
                  uplinks: %s
                  failover-after: 1s
                  failback-after: 5s
                  mqtt:
                    broker: 127.0.0.1:%d
                    answer-timeout: 3s
                """.formatted(uplinks, broker.port()).indent(0).replaceAll("(?m)^(?! )", "  ");
    }

    private static Program fleet(Line line, Path ledger, int rate) {
        return line.simulate(
                "fleet",
                List.of(
                        "fleet",
                        "--devices",
                        String.valueOf(DEVICES),
                        "--steps",
                        String.valueOf(STEPS),
                        "--rate",
                        String.valueOf(rate),
                        "--to",
                        line.framesUrl(),
                        "--ledger",
                        ledger.toString(),
                        "--max-backoff",
                        "500ms",
                        "--quiet"));
    }

    private static long acknowledged(Line line) {
        return (long) line.agentApi().metrics().sum("tributary_agent_acknowledged_readings_total");
    }

    private static long nextSequence(Line line) {
        return (long) line.agentApi().metrics().sum("tributary_agent_next_sequence");
    }

    private static void awaitEmpty(Line line) {
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0,
                () -> "the outbox did not drain");
    }

    @ParameterizedTest
    @EnumSource
    void agentCollectorAndBrokerKilled_nothingIsLostOrDuplicated(Broker.Kind kind) throws Exception {
        try (Broker broker = Broker.start(kind, directory);
                Line line = new Line(installation, directory)) {
            line.withCollectorMqtt(collectorMqtt(broker)).withAgentUplinks(agentMqtt(broker, "[mqtt]"), 0);
            line.start();
            Path ledger = directory.resolve("fleet.ledger");
            Program fleet = fleet(line, ledger, 5_000);
            SplittableRandom random = new SplittableRandom(20261121);
            for (int round = 0; round < 3; round++) {
                for (int victim = 0; victim < 3; victim++) {
                    long target = nextSequence(line) + random.nextLong(500, 5_000);
                    Await.holds(Duration.ofSeconds(3), () -> nextSequence(line) >= target);
                    kill(line, broker, victim);
                }
            }
            assertThat(fleet.awaitExit(PATIENCE)).as("see %s", fleet.log()).isZero();
            awaitEmpty(line);
            Program verify = line.verify("verify", List.of(ledger));
            assertThat(verify.awaitExit(PATIENCE)).as("see %s", verify.log()).isZero();
            assertThat(verify.output()).contains(VERIFIED);
            JsonNode account =
                    line.collectorApi().json("/api/v1/agents/demo-agent/gaps").get("account");
            assertThat(account.get("missing").asLong()).isZero();
            assertThat(account.get("stored").asLong()).isEqualTo(READINGS);
        }
    }

    private static void kill(Line line, Broker broker, int victim) {
        switch (victim) {
            case 0 -> {
                broker.kill();
                broker.start();
            }
            case 1 -> {
                line.killAgent();
                line.startAgent();
            }
            default -> {
                line.killCollector();
                line.startCollector();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneOfTwoCollectorsKilled_togetherTheyHaveEveryReading(Broker.Kind kind) throws Exception {
        try (Broker broker = Broker.start(kind, directory);
                Line line = new Line(installation, directory.resolve("a"));
                Line other = new Line(installation, directory.resolve("b"))) {
            line.withCollectorMqtt(collectorMqtt(broker)).withAgentUplinks(agentMqtt(broker, "[mqtt]"), 0);
            other.withCollectorMqtt(collectorMqtt(broker));
            other.startCollector();
            line.start();
            Path ledger = directory.resolve("fleet.ledger");
            Program fleet = fleet(line, ledger, 5_000);
            Await.until(PATIENCE, () -> acknowledged(line) > READINGS / 3, () -> "nothing comes through");
            line.killCollector();
            assertThat(fleet.awaitExit(PATIENCE)).as("see %s", fleet.log()).isZero();
            awaitEmpty(line);
            line.startCollector();

            Map<String, String> all = new HashMap<>();
            for (Line each : List.of(line, other)) {
                Program verify = each.verify("verify", List.of(ledger));
                verify.awaitExit(PATIENCE);
                assertThat(verify.output())
                        .as("see %s", verify.log())
                        .anyMatch(text -> text.matches("lost [1-9][0-9]* duplicated 0 altered 0 unexpected 0"));
                for (String reading : readings(each)) {
                    String[] cells = reading.split(",");
                    String before = all.put(cells[0] + "," + cells[1] + "," + cells[2], cells[5]);
                    assertThat(before).isIn(null, cells[5]);
                }
            }
            assertThat(all).hasSize(READINGS);
        }
    }

    private static List<String> readings(Line line) {
        List<String> readings = new ArrayList<>();
        for (JsonNode device : line.collectorApi().json("/api/v1/devices").get("devices")) {
            String id = device.get("device").asString();
            String csv = line.collectorApi()
                    .text("/api/v1/readings?format=csv&limit=100000&device=" + CollectorApi.encode(id));
            csv.lines().skip(1).forEach(readings::add);
        }
        return readings;
    }

    @Test
    void preferredUplinkCut_theOtherCarriesOn_andBack() throws Exception {
        try (Broker broker = Broker.start(Broker.Kind.MOSQUITTO, directory);
                Line line = new Line(installation, directory)) {
            line.withCollectorMqtt(collectorMqtt(broker));
            line.startCollector();
            try (Relay relay = new Relay(Integer.parseInt(line.grpcAddress().split(":")[1]))) {
                line.withAgentUplinks(agentMqtt(broker, "[grpc, mqtt]"), relay.port());
                line.startAgent();
                Path ledger = directory.resolve("fleet.ledger");
                Program fleet = fleet(line, ledger, 7_000);
                Await.until(PATIENCE, () -> acknowledged(line) > 10_000, () -> "nothing comes over gRPC");
                assertThat(isActive(line, "grpc")).isTrue();
                relay.cut();
                Await.until(PATIENCE, () -> isActive(line, "mqtt"), () -> "not moved to MQTT");
                long then = acknowledged(line);
                Await.until(PATIENCE, () -> acknowledged(line) > then + 10_000, () -> "nothing comes over MQTT");
                relay.mend();
                Await.until(PATIENCE, () -> isActive(line, "grpc"), () -> "not back to gRPC");
                assertThat(fleet.awaitExit(PATIENCE)).as("see %s", fleet.log()).isZero();
                awaitEmpty(line);
                Program verify = line.verify("verify", List.of(ledger));
                assertThat(verify.awaitExit(PATIENCE))
                        .as("see %s", verify.log())
                        .isZero();
                assertThat(verify.output()).contains(VERIFIED);
            }
        }
    }

    private static boolean isActive(Line line, String uplink) {
        return line.agentApi().metrics().sum("tributary_agent_uplink_active", "uplink=\"" + uplink + "\"") == 1;
    }
}
