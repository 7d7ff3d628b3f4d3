package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an agent while it runs when its certificate is revoked, ends, or comes of age: its readings stay. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IdentityIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String OWNER_ONLY = "rw-------";

    @SuppressWarnings("NullAway.Init")
    private Line line;

    @SuppressWarnings("NullAway.Init")
    private Path files;

    @SuppressWarnings("NullAway.Init")
    private Installation installation;

    @BeforeAll
    void start(@TempDir Path directory) {
        files = directory;
        installation = new Installation(Path.of(System.getProperty("tributary.root")));
        line = new Line(installation, directory.resolve("line")).secured();
        line.startCollector();
    }

    @AfterAll
    void stop() {
        line.close();
    }

    /** An agent of its own, beside the line's. */
    private final class Box implements AutoCloseable {
        private final String agent;
        private final Path home;
        private final Program program;
        private final LineConnection lines;
        private final CollectorApi api;
        private int sent;

        Box(String agent, Path identity) throws IOException {
            this.agent = agent;
            this.home = Files.createTempDirectory(files, "agent-");
            Path config = Files.writeString(home.resolve("edge-agent.yaml"), """
                    agent: %s
                    collector:
                      address: %s
                      tls: {certificate: %3$s/agent.pem, key: %3$s/agent.pem, ca: %3$s/ca.crt}
                    outbox:
                      path: %4$s
                    forward:
                      reconnect-max: 1s
                    http:
                      listen: 127.0.0.1:0
                    sources:
                      - type: tcp-lines
                        listen: 127.0.0.1:0
                    """.formatted(
                            agent, line.grpcAddress(), identity, home.resolve("outbox")));
            program = Program.start(
                    installation.script(Installation.AGENT),
                    List.of("run", "--config", config.toString()),
                    Map.of(),
                    home.resolve("log"));
            ReadyLine ready = program.awaitReady(PATIENCE);
            lines = new LineConnection(ready.port("tcp.lines"));
            api = new CollectorApi("127.0.0.1:" + ready.port("http"));
        }

        /** Returns when the agent has made them durable. */
        void take(int readings) throws IOException {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < readings; i++) {
                sent++;
                text.append("m,device=").append(agent).append("-d t=").append(sent);
                text.append(' ').append(1_700_000_000_000_000_000L + sent).append('\n');
            }
            lines.send(text.toString());
            lines.awaitDurable(sent);
        }

        double queued() {
            return api.metrics().sum("tributary_agent_outbox_readings");
        }

        void awaitStored(int readings) {
            String path = "/api/v1/readings?device=" + agent + "-d&from=2023-01-01&to=2024-01-01&format=csv";
            Await.until(
                    PATIENCE,
                    () -> line.collectorApi().text(path).lines().count() - 1 == readings && queued() == 0,
                    () -> readings + " readings are not stored once: "
                            + line.collectorApi().text(path).lines().count() + " lines, queued " + queued() + "\n"
                            + String.join("\n", program.logTail(10)));
        }

        void awaitLog(String text) {
            Await.until(
                    PATIENCE,
                    () -> read(home.resolve("log")).contains(text),
                    () -> "expected \"" + text + "\" in " + read(home.resolve("log")));
        }

        @Override
        public void close() throws IOException {
            lines.close();
            program.close();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts another certificate of the site's authority in the place of the agent's. */
    private void replace(Path identity, String agent, Instant from, Duration validity) throws IOException {
        SecuredSite site = line.site();
        Authority authority = Authority.read(site.authority(), site.directory().resolve("ca.key"));
        KeyPair keys = Keys.create();
        X509Certificate certificate = authority.forAgent(keys.getPublic(), agent, from, validity);
        Files.writeString(identity.resolve("agent.pem"), Keys.pem(keys.getPrivate()) + Authority.pem(certificate));
    }

    private static X509Certificate certificate(Path identity) throws IOException {
        return Pem.certificates(identity.resolve("agent.pem")).get(0);
    }

    private void enrolAgain(String agent, Path identity) {
        SecuredSite site = line.site();
        site.enrol(line.grpcAddress(), site.invite(agent, "*"), String.valueOf(identity.getFileName()));
    }

    @Test
    void revokedWhileConnected_losesItsSession_keepsItsReadings_andBringsThemAfterEnrolment() throws Exception {
        SecuredSite site = line.site();
        Path identity = site.enrol(line.grpcAddress(), site.invite("leaver", "*"), "leaver");
        try (Box box = new Box("leaver", identity)) {
            box.take(10);
            box.awaitStored(10);
            site.revoke("leaver");
            box.awaitLog("agent leaver was revoked");
            box.take(25);
            assertThat(box.queued()).isEqualTo(25);
            assertThat(box.api.metrics().sum("tributary_agent_connected")).isZero();
            enrolAgain("leaver", identity);
            box.awaitStored(35);
        }
    }

    @Test
    void certificateThatEndedLongAgo_readingsAreTaken_andBroughtAfterEnrolment() throws Exception {
        SecuredSite site = line.site();
        Path identity = site.enrol(line.grpcAddress(), site.invite("sleeper", "*"), "sleeper");
        replace(identity, "sleeper", Instant.now().minus(Duration.ofDays(400)), Duration.ofDays(30));
        try (Box box = new Box("sleeper", identity)) {
            box.awaitLog("\"cloud-collector agent invite sleeper\"");
            box.take(40);
            assertThat(box.queued()).isEqualTo(40);
            enrolAgain("sleeper", identity);
            box.awaitStored(40);
        }
    }

    @Test
    void certificateAfterTwoThirdsOfItsTime_isRenewed_forTheOwnerOnly() throws Exception {
        SecuredSite site = line.site();
        Path identity = site.enrol(line.grpcAddress(), site.invite("elder", "*"), "elder");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(identity.resolve("agent.pem"))))
                .isEqualTo(OWNER_ONLY);
        replace(identity, "elder", Instant.now().minus(Duration.ofDays(7)), Duration.ofDays(10));
        X509Certificate former = certificate(identity);
        try (Box box = new Box("elder", identity)) {
            box.awaitLog("the agent has a new certificate until ");
            X509Certificate renewed = certificate(identity);
            assertThat(renewed.getNotAfter()).isAfter(former.getNotAfter());
            assertThat(renewed.getPublicKey()).isNotEqualTo(former.getPublicKey());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(identity.resolve("agent.pem"))))
                    .isEqualTo(OWNER_ONLY);
            assertThat(box.api.metrics().sum("tributary_agent_certificate_expires_timestamp_seconds"))
                    .isEqualTo((double) renewed.getNotAfter().toInstant().getEpochSecond());
            box.take(5);
            box.awaitStored(5);
        }
    }
}
