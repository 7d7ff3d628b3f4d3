package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a broker took from devices while the agent that subscribes to it is killed, and the broker restarted. */
final class MqttSourceIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int DEVICES = 20;
    private static final int STEPS = 150;
    private static final int READINGS = DEVICES * STEPS * 7;
    private static final String VERIFIED = "lost 0 duplicated 0 altered 0 unexpected 0";

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void agentKilled_everyMessageThatTheBrokerTook_isStoredOnce(Broker.Kind kind) throws Exception {
        try (Broker broker = Broker.start(kind, directory);
                Line line = new Line(installation, directory).withAgentSources(source(broker.port()))) {
            line.start();
            Await.until(PATIENCE, () -> metric(line, "tributary_agent_mqtt_connected") == 1, () -> "not connected");
            Path ledger = directory.resolve("fleet.ledger");
            Program fleet = line.simulate("fleet", fleet(broker.port(), ledger));
            for (int round = 0; round < 3; round++) {
                double before = metric(line, "tributary_agent_next_sequence");
                Await.until(
                        PATIENCE,
                        () -> metric(line, "tributary_agent_next_sequence") > before + 3_000,
                        () -> "nothing comes from " + kind);
                line.killAgent();
                if (kind == Broker.Kind.HIVEMQ && round == 1) {
                    broker.restart();
                }
                line.startAgent();
            }
            assertThat(fleet.awaitExit(PATIENCE)).as("see %s", fleet.log()).isZero();
            Await.until(PATIENCE, () -> stored(line) >= READINGS, () -> stored(line) + " of " + READINGS + " stored");
            Program verify = line.verify("verify", List.of(ledger));
            int exit = verify.awaitExit(PATIENCE);
            assertThat(verify.output()).as("see %s", verify.log()).contains(VERIFIED);
            assertThat(exit).isZero();
        }
    }

    private static long stored(Line line) {
        return line.collectorApi()
                .json("/api/v1/agents/demo-agent/gaps")
                .get("account")
                .get("stored")
                .asLong();
    }

    private static double metric(Line line, String name) {
        return line.agentApi().metrics().sum(name);
    }

    private static List<String> fleet(int port, Path ledger) {
        return List.of(
                "fleet",
                "--devices",
                String.valueOf(DEVICES),
                "--steps",
                String.valueOf(STEPS),
                "--rate",
                "2500",
                "--protocol",
                "json",
                "--connections",
                "5",
                "--to",
                "mqtt://127.0.0.1:" + port,
                "--ledger",
                ledger.toString(),
                "--max-backoff",
                "500ms",
                "--quiet");
    }

    private static String source(int port) {
        return """
                  - type: mqtt
                    broker: 127.0.0.1:%d
                    reconnect-max: 1s
                    topics:
                      - topic: sim/{device}
                        decode: {type: json, device: "{device}", time: {path: time, format: ns}, channels: [{path: values.cycles, channel: cycles, value: long}, {path: "values.*", channel: "{1}"}]}
                """.formatted(port);
    }
}
