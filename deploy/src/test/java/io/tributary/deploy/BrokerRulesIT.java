package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tributary.pki.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mosquitto with the configuration and the rules that deploy/README.md shows: TLS on every leg, client certificates, and each
 * agent on its own topics.
 */
final class BrokerRulesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String VERIFIED = "lost 0 duplicated 0 altered 0 unexpected 0";
    private static final Path ROOT = Path.of(System.getProperty("tributary.root", ".."));
    private static final Path PUBLISH = Path.of("/usr/bin/mosquitto_pub");

    private final Authority authority = Authority.create("brokers", Instant.now(), Duration.ofDays(9));

    @TempDir
    Path directory;

    @BeforeEach
    void writeFiles() throws Exception {
        Files.writeString(directory.resolve("ca.pem"), Authority.pem(authority.certificate()));
        Identity.of(keys ->
                        authority.forServer(keys.getPublic(), List.of("127.0.0.1"), Instant.now(), Duration.ofDays(1)))
                .write(directory.resolve("broker.pem"));
        for (String client : List.of("collector", "demo-agent", "edge-2")) {
            Identity.of(keys -> authority.forAgent(keys.getPublic(), client, Instant.now(), Duration.ofDays(1)))
                    .write(pem(client));
        }
        Identity.of(keys -> Authority.create("other", Instant.now(), Duration.ofDays(9))
                        .forAgent(keys.getPublic(), "demo-agent", Instant.now(), Duration.ofDays(1)))
                .write(pem("stranger"));
    }

    private Path pem(String client) {
        return directory.resolve(client + ".pem");
    }

    private Broker broker() throws IOException {
        String page = Files.readString(ROOT.resolve("deploy/README.md"));
        int at = page.indexOf("**Mosquitto.**");
        String config = block(page, at);
        Files.writeString(
                directory.resolve("tributary.acl"), block(page, page.indexOf("`/etc/mosquitto/tributary.acl`:")));
        return Broker.start(
                directory,
                config.replace("listener 8883", "listener PORT")
                        .replace(
                                "/etc/mosquitto/broker.key",
                                directory.resolve("broker.pem").toString())
                        .replace("/etc/mosquitto", directory.toString()));
    }

    /** The next fenced block. */
    private static String block(String page, int from) {
        assertThat(from).isNotNegative();
        int begin = page.indexOf("```\n", from) + 4;
        return page.substring(begin, page.indexOf("```", begin));
    }

    private String tls(String client) {
        return "tls: {ca: %s, certificate: %2$s, key: %2$s}".formatted(directory.resolve("ca.pem"), pem(client));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v311"})
    void lineThroughASecuredBroker_losesNothing_alsoWhenTheBrokerIsKilled(String version) throws Exception {
        try (Broker broker = broker();
                Line line = new Line(new Installation(ROOT), directory.resolve("line"))) {
            line.withCollectorMqtt("  broker: 127.0.0.1:%d\n  reconnect-max: 1s\n  %s\n"
                            .formatted(broker.port(), tls("collector")))
                    .withAgentUplinks(
                            "  uplinks: [mqtt]\n  mqtt:\n    broker: 127.0.0.1:%d\n    version: %s\n    answer-timeout: 3s\n    %s\n"
                                    .formatted(broker.port(), version, tls("demo-agent")),
                            0);
            line.start();
            Path ledger = directory.resolve("fleet.ledger");
            Program fleet = line.simulate(
                    "fleet",
                    List.of(
                            "fleet",
                            "--devices",
                            "10",
                            "--steps",
                            "500",
                            "--rate",
                            "5000",
                            "--to",
                            line.framesUrl(),
                            "--ledger",
                            ledger.toString(),
                            "--max-backoff",
                            "500ms",
                            "--quiet"));
            Await.until(PATIENCE, () -> acknowledged(line) > 5_000, () -> "nothing comes through");
            broker.kill();
            broker.start();
            assertThat(fleet.awaitExit(PATIENCE)).as("see %s", fleet.log()).isZero();
            Await.until(
                    PATIENCE,
                    () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0,
                    () -> "the outbox did not drain");
            Program verify = line.verify("verify", List.of(ledger));
            assertThat(verify.awaitExit(PATIENCE)).as("see %s", verify.log()).isZero();
            assertThat(verify.output()).contains(VERIFIED);
        }
    }

    private static long acknowledged(Line line) {
        return (long) line.agentApi().metrics().sum("tributary_agent_acknowledged_readings_total");
    }

    @Test
    void everybodyElse_isRefused() throws Exception {
        assumeTrue(Files.isExecutable(PUBLISH), "mosquitto_pub is not installed");
        try (Broker broker = broker()) {
            assertThat(publish(broker, "demo-agent", "tributary/v1/demo-agent/up"))
                    .isEmpty();
            assertThat(publish(broker, "collector", "tributary/v1/demo-agent/down"))
                    .isEmpty();
            for (String topic : List.of(
                    "tributary/v1/demo-agent/up",
                    "tributary/v1/demo-agent/down",
                    "tributary/v1/edge-2/down",
                    "tributary/v1/edge-2/up/more")) {
                assertThat(publish(broker, "edge-2", topic)).as(topic).contains("Not authorized");
            }
            assertThat(publish(broker, "collector", "tributary/v1/demo-agent/up"))
                    .contains("Not authorized");
            assertThat(publish(broker, "stranger", "tributary/v1/demo-agent/up"))
                    .isNotEmpty();
            assertThat(publish(broker, null, "tributary/v1/demo-agent/up")).isNotEmpty();
        }
    }

    /** @return what mosquitto_pub complains of; empty when the broker has taken it */
    private String publish(Broker broker, @org.jspecify.annotations.Nullable String client, String topic)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                PUBLISH.toString(),
                "-V",
                "5",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(broker.port()),
                "-q",
                "1",
                "-t",
                topic,
                "-m",
                "x",
                "--cafile",
                directory.resolve("ca.pem").toString()));
        if (client != null) {
            command.addAll(List.of(
                    "--cert", pem(client).toString(), "--key", pem(client).toString()));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0 ? said.strip() : said.isBlank() ? "exit " + process.exitValue() : said.strip();
    }
}
