package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Who is let in and who is not, at real programs: refused with a clear error and an audit line. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecurityIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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
        line.start();
    }

    @AfterAll
    void stop() {
        line.close();
    }

    private static boolean hasLine(List<String> audit, String... words) {
        return audit.stream().anyMatch(each -> List.of(words).stream().allMatch(each::contains));
    }

    private void awaitAudit(String... words) {
        Await.until(
                PATIENCE,
                () -> hasLine(line.site().auditLines(), words),
                () -> "no audit line with " + List.of(words) + " in "
                        + line.site().auditLines());
    }

    /** Starts an agent with this identity and waits for what its log says. */
    private String refusal(String agent, Path identity, Path ca, String expected) throws IOException {
        return refusal(agent, identity, ca, "", expected);
    }

    /** @param more keys of {@code collector.tls} */
    private String refusal(String agent, Path identity, Path ca, String more, String expected) throws IOException {
        Path home = Files.createTempDirectory(files, "agent-");
        Path config = Files.writeString(home.resolve("edge-agent.yaml"), """
                agent: %s
                collector:
                  address: 127.0.0.1:%s
                  tls:
                %s    ca: %s
                %s
                outbox:
                  path: %s
                http:
                  listen: 127.0.0.1:0
                sources:
                  - type: tcp-lines
                    listen: 127.0.0.1:0
                """.formatted(
                agent,
                line.grpcAddress().substring("127.0.0.1:".length()),
                identity.toString().isEmpty() ? "" : "    certificate: " + identity + "\n    key: " + identity + "\n",
                ca,
                more.isEmpty() ? "" : "    " + more,
                home.resolve("outbox")));
        Path log = home.resolve("log");
        try (Program program = Program.start(
                installation.script(Installation.AGENT),
                List.of("run", "--config", config.toString()),
                Map.of(),
                log)) {
            program.awaitReady(PATIENCE);
            Await.until(
                    PATIENCE,
                    () -> read(log).contains(expected),
                    () -> "expected \"" + expected + "\" in " + read(log));
            return read(log);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A certificate of an authority, written as the agent's. */
    private Path identity(Authority authority, String agent, Duration validity) throws IOException {
        KeyPair keys = Keys.create();
        Instant now = Instant.now();
        X509Certificate certificate = validity.isNegative()
                ? authority.forAgent(
                        keys.getPublic(),
                        agent,
                        now.plus(validity),
                        validity.negated().dividedBy(2))
                : authority.forAgent(keys.getPublic(), agent, now, validity);
        Path file = Files.createTempFile(files, "identity", ".pem");
        return Files.writeString(file, Keys.pem(keys.getPrivate()) + Authority.pem(certificate));
    }

    private Authority siteAuthority() throws IOException {
        return Authority.read(line.site().authority(), line.site().directory().resolve("ca.key"));
    }

    @Test
    void agentWithoutCertificate_isRefused() throws IOException {
        refusal("stranger", Path.of(""), line.site().authority(), "PERMISSION_DENIED: an agent shows a certificate");
        awaitAudit("session-opened", "refused", "stranger", "no-certificate");
    }

    @Test
    void agentOfAnotherAuthority_isRefused() throws IOException {
        Authority other = Authority.create("other", Instant.now(), Duration.ofDays(9));
        Path identity = identity(other, "demo-agent", Duration.ofDays(1));
        // A Java client does not even show a certificate that the server's authorities have not signed.
        refusal("demo-agent", identity, line.site().authority(), "PERMISSION_DENIED: an agent shows a certificate");
        awaitAudit("session-opened", "refused", "demo-agent", "no-certificate");
    }

    @Test
    void expiredCertificate_isRefusedInTheHandshake() throws IOException {
        Path expired = identity(siteAuthority(), "expired-agent", Duration.ofDays(-4));
        refusal("expired-agent", expired, line.site().authority(), "UNAVAILABLE");
        awaitAudit("handshake", "refused", "CN=expired-agent");
    }

    @Test
    void collectorOfAnotherAuthority_isNotTrusted() throws IOException {
        Authority other = Authority.create("other", Instant.now(), Duration.ofDays(9));
        Path ca = Files.writeString(files.resolve("other.crt"), Authority.pem(other.certificate()));
        Path identity = identity(siteAuthority(), "careful-agent", Duration.ofDays(1));
        refusal("careful-agent", identity, ca, "unable to find valid certification path");
    }

    @Test
    void collectorWhoseCertificateIsRevoked_isNotTrusted_untilTheListIsAnother() throws IOException {
        SecuredSite site = line.site();
        Authority authority = siteAuthority();
        X509Certificate collector =
                Pem.certificates(site.directory().resolve("server.pem")).get(0);
        Path list = Files.writeString(
                files.resolve("agents.crl"),
                authority.revocations(List.of(collector.getSerialNumber()), Instant.now(), Duration.ofDays(9)));
        Path identity =
                site.enrol(line.grpcAddress(), site.invite("wary", "*"), "wary").resolve("agent.pem");
        String revocations = "revocations: " + list;
        refusal("wary", identity, site.authority(), revocations, "is revoked");
        Files.writeString(list, authority.revocations(List.of(), Instant.now(), Duration.ofDays(9)));
        refusal("wary", identity, site.authority(), revocations, "connected to");
    }

    @Test
    void certificateOfAnotherAgent_isRefused() throws IOException {
        Path identity = identity(siteAuthority(), "demo-agent", Duration.ofDays(1));
        refusal("other-agent", identity, line.site().authority(), "the certificate names agent demo-agent");
        awaitAudit("session-opened", "refused", "other-agent");
    }

    @Test
    void agentThatWasNeverEnrolled_isRefusedDespiteItsCertificate() throws IOException {
        Path identity = identity(siteAuthority(), "ghost", Duration.ofDays(1));
        refusal("ghost", identity, line.site().authority(), "not enrolled here");
        awaitAudit("session-opened", "refused", "ghost", "unknown-agent");
    }

    @Test
    void revokedAgent_losesItsSessionAndComesBackByInvitation() throws IOException {
        SecuredSite site = line.site();
        Path identity = site.enrol(line.grpcAddress(), site.invite("leaver", "*"), "leaver");
        site.revoke("leaver");
        refusal("leaver", identity.resolve("agent.pem"), site.authority(), "UNAVAILABLE");
        awaitAudit("handshake", "refused", "CN=leaver", "revoked");
        Path again = site.enrol(line.grpcAddress(), site.invite("leaver", "*"), "leaver-2");
        refusal("leaver", again.resolve("agent.pem"), site.authority(), "connected to");
    }

    @Test
    void enrolmentToken_isUsedUp() {
        SecuredSite site = line.site();
        String token = site.invite("once", "*");
        site.enrol(line.grpcAddress(), token, "once");
        assertThatThrownBy(() -> site.enrol(line.grpcAddress(), token, "twice"))
                .isInstanceOf(ProgramFailedException.class)
                .hasMessageContaining("it was used, has expired, or is not its");
        assertThat(hasLine(site.auditLines(), "agent-enrolled", "refused", "once", "used-token"))
                .isTrue();
        assertThat(String.join("\n", site.auditLines())).doesNotContain(token);
    }

    @Test
    void tokens_haveRolesAndScopes() {
        SecuredSite site = line.site();
        CollectorApi reader = line.collectorApi(site.createToken("reader"));
        CollectorApi scoped = line.collectorApi(site.createToken("scoped", "--devices", "none-*"));
        assertThat(line.collectorApi((String) null).get("/api/v1/devices").statusCode())
                .isEqualTo(401);
        assertThat(line.collectorApi("tributary-wrong").get("/api/v1/devices").statusCode())
                .isEqualTo(401);
        assertThat(line.collectorApi((String) null).get("/readyz").statusCode()).isEqualTo(200);
        Await.until(PATIENCE, () -> reader.get("/api/v1/devices").statusCode() == 200, () -> "the token is not known");
        Await.until(PATIENCE, () -> scoped.get("/api/v1/devices").statusCode() == 200, () -> "the token is not known");
        HttpResponse<String> erase = reader.send("DELETE", "/api/v1/readings?device=a&from=-1h&to=now");
        assertThat(erase.statusCode()).isEqualTo(403);
        assertThat(erase.body()).contains("expected admin");
        assertThat(scoped.get("/api/v1/agents").statusCode()).isEqualTo(403);
        assertThat(hasLine(site.auditLines(), "token reader", "wrong-role")).isTrue();
    }

    @Test
    void foreignDevices_areRefusedAndTheRestIsStored() throws IOException {
        SecuredSite site = line.site();
        Path identity = site.enrol(line.grpcAddress(), site.invite("narrow", "mine-*"), "narrow");
        Path home = Files.createTempDirectory(files, "narrow-");
        Path config = Files.writeString(
                home.resolve("edge-agent.yaml"), """
                agent: narrow
                collector:
                  address: %s
                  tls: {certificate: %2$s/agent.pem, key: %2$s/agent.pem, ca: %2$s/ca.crt}
                outbox:
                  path: %3$s
                http:
                  listen: 127.0.0.1:0
                sources:
                  - type: tcp-lines
                    listen: 127.0.0.1:0
                """.formatted(line.grpcAddress(), identity, home.resolve("outbox")));
        try (Program program = Program.start(
                installation.script(Installation.AGENT),
                List.of("run", "--config", config.toString()),
                Map.of(),
                home.resolve("log"))) {
            int port = program.awaitReady(PATIENCE).port("tcp.lines");
            try (LineConnection lines = new LineConnection(port)) {
                lines.send("m,device=mine-1 t=1\nm,device=yours-1 t=2\n");
                Await.until(
                        PATIENCE,
                        () -> line.collectorApi()
                                .text("/api/v1/latest?device=*-1")
                                .contains("mine-1"),
                        () -> "mine-1 is not stored");
            }
        }
        assertThat(line.collectorApi().text("/api/v1/latest?device=*-1")).doesNotContain("yours-1");
        assertThat(line.collectorApi().text("/api/v1/deadletters")).contains("forbidden-device");
        awaitAudit("agent narrow", "readings-brought", "refused", "yours-1");
    }
}
