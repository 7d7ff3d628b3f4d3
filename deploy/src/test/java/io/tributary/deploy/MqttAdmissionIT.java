package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secured collector behind a broker that lets everybody in: who of the agents is admitted, and for which devices. */
final class MqttAdmissionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    private final class Box implements AutoCloseable {
        private final Program program;
        private final CollectorApi api;
        private final int linesPort;

        /** Has taken a reading of each device, durably, when it is made. */
        Box(String agent, Broker broker, String... devices) throws IOException {
            Path home = Files.createDirectories(directory.resolve("box-" + agent));
            Path config = Files.writeString(
                    home.resolve("edge-agent.yaml"), """
                    agent: %s
                    collector:
                      uplinks: [mqtt]
                      mqtt:
                        broker: 127.0.0.1:%d
                        answer-timeout: 2s
                    outbox:
                      path: %s
                    forward:
                      reconnect-max: 1s
                    http:
                      listen: 127.0.0.1:0
                    sources:
                      - type: tcp-lines
                        listen: 127.0.0.1:0
                    """.formatted(agent, broker.port(), home.resolve("outbox")));
            program = Program.start(
                    installation.script(Installation.AGENT),
                    List.of("run", "--config", config.toString()),
                    Map.of(),
                    home.resolve("log"));
            ReadyLine ready = program.awaitReady(PATIENCE);
            api = new CollectorApi("127.0.0.1:" + ready.port("http"));
            linesPort = ready.port("tcp.lines");
            take(devices);
        }

        /** Durable at the agent when it returns. */
        void take(String... devices) throws IOException {
            try (LineConnection lines = new LineConnection(linesPort)) {
                for (String device : devices) {
                    lines.send("m,device=" + device + " t=1\n");
                }
                lines.awaitDurable(devices.length);
            }
        }

        double queued() {
            return api.metrics().sum("tributary_agent_outbox_readings");
        }

        @Override
        public void close() {
            program.close();
        }
    }

    private static void awaitAudit(SecuredSite site, String... words) {
        Await.until(
                PATIENCE,
                () -> site.auditLines().stream()
                        .anyMatch(each -> List.of(words).stream().allMatch(each::contains)),
                () -> "no audit line with " + List.of(words) + " in " + site.auditLines());
    }

    @Test
    void onlyEnrolledAgents_bringOnlyTheirDevices() throws Exception {
        try (Broker broker = Broker.start(Broker.Kind.MOSQUITTO, directory);
                Line line = new Line(installation, directory.resolve("line"))
                        .secured()
                        .withCollectorMqtt("  broker: 127.0.0.1:" + broker.port() + "\n  reconnect-max: 1s\n")) {
            line.startCollector();
            SecuredSite site = line.site();
            site.enrol(line.grpcAddress(), site.invite("narrow", "mine-*"), "narrow");
            site.enrol(line.grpcAddress(), site.invite("leaver", "*"), "leaver");
            site.enrol(line.grpcAddress(), site.invite("later", "*"), "later");
            site.revoke("leaver");
            try (Box narrow = new Box("narrow", broker, "mine-1", "yours-1");
                    Box ghost = new Box("ghost", broker, "ghost-1");
                    Box leaver = new Box("leaver", broker, "leaver-1");
                    Box later = new Box("later", broker, "later-1")) {
                awaitAudit(site, "ghost", "refused", "unknown-agent");
                awaitAudit(site, "leaver", "refused");
                awaitAudit(site, "agent narrow", "readings-brought", "refused", "yours-1");
                Await.until(
                        PATIENCE,
                        () -> narrow.queued() == 0 && later.queued() == 0,
                        () -> "admitted agents keep their readings");
                assertThat(line.collectorApi().text("/api/v1/latest?device=*-1"))
                        .contains("mine-1", "later-1")
                        .doesNotContain("yours-1", "ghost-1", "leaver-1");
                assertThat(line.collectorApi().text("/api/v1/deadletters")).contains("forbidden-device");
                assertThat(ghost.queued()).isEqualTo(1);
                assertThat(leaver.queued()).isEqualTo(1);
                site.revoke("later");
                awaitAudit(site, "agent later", "session-opened", "refused");
                later.take("later-2");
                narrow.take("mine-2");
                Await.until(
                        PATIENCE,
                        () -> line.collectorApi()
                                .text("/api/v1/latest?device=*-2")
                                .contains("mine-2"),
                        () -> "mine-2 is not stored");
                assertThat(later.queued()).isEqualTo(1);
                assertThat(line.collectorApi().text("/api/v1/latest?device=*-2"))
                        .doesNotContain("later-2");
            }
        }
    }
}
