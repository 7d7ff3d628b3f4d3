package io.tributary.deploy;

import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.SecurityDirectory;
import io.tributary.pki.Authority;
import io.tributary.pki.EnrolmentToken;
import io.tributary.pki.Keys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A collector with agents, tokens and strangers, and everything that they try at it. */
final class MatrixCollector implements AutoCloseable {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final InstantSource clock = InstantSource.system();
    private final Program program;
    private final SecurityDirectory directory;
    private final AgentGrants grants;
    private final AccessTokens tokens;
    private final Authority authority;
    private final CollectorAttempts calls;
    private final List<String> secrets = new ArrayList<>();

    MatrixCollector(Installation installation, Path files) throws Exception {
        SecuredSite site = new SecuredSite(installation, files);
        site.init();
        directory = new SecurityDirectory(site.directory());
        authority = Authority.read(site.authority(), site.directory().resolve("ca.key"));
        AuditLog audit = new AuditLog(directory.auditLog(), 64 << 20, clock);
        grants = new AgentGrants(directory, authority, DAY, clock, audit);
        tokens = new AccessTokens(directory.tokens(), directory.lock(), clock, System::nanoTime, audit);
        Path config = Files.writeString(
                files.resolve("collector.yaml"), """
                data: %s
                grpc: {listen: "127.0.0.1:0"}
                http: {listen: "127.0.0.1:0"}
                security: {directory: %s}
                """.formatted(files.resolve("collector-data"), directory.root()));
        program = Program.start(
                installation.script(Installation.COLLECTOR),
                List.of("run", "--config", config.toString()),
                java.util.Map.of(),
                files.resolve("collector.log"));
        ReadyLine ready = program.awaitReady(PATIENCE);
        calls = new CollectorAttempts(
                authority.certificate(),
                ready.port("grpc"),
                ready.port("http"),
                new AtomicLong(clock.instant().toEpochMilli()));
    }

    Path auditFile() {
        return directory.auditLog();
    }

    /** Must not stand in any answer or audit line. */
    List<String> secrets() {
        return secrets;
    }

    private String token(String name, Role role, List<String> devices, Duration validity) throws Exception {
        String text = tokens.create(name, role, devices, validity);
        secrets.add(text);
        return text;
    }

    private EnrolmentToken invitation(String agent, Duration validity) throws Exception {
        EnrolmentToken token = grants.invite(agent, List.of(agent + "-*"), validity);
        secrets.add(token.text());
        return token;
    }

    private Identity enrolled(String agent) throws Exception {
        EnrolmentToken token = invitation(agent, DAY);
        return Identity.of(keys ->
                grants.enrol(agent, token.secret(), keys.getPublic(), "matrix").get(0));
    }

    Attempts attempts() throws Exception {
        Attempts all = new Attempts();
        transport(all);
        certificates(all);
        enrolmentTokens(all);
        bearerTokens(all);
        return all;
    }

    private void transport(Attempts all) {
        all.add("no TLS", "gRPC", () -> ClientHello.plainText(calls.grpcPort()));
        all.add("no TLS", "HTTP", () -> ClientHello.plainText(calls.httpPort()));
        all.add("TLS 1.1", "gRPC", () -> ClientHello.oldVersion(calls.grpcPort()));
        all.add("TLS 1.1", "HTTP", () -> ClientHello.oldVersion(calls.httpPort()));
        all.add("TLS 1.2 with weak ciphers only", "gRPC", () -> ClientHello.weakCiphers(calls.grpcPort()));
        all.add("TLS 1.2 with weak ciphers only", "HTTP", () -> ClientHello.weakCiphers(calls.httpPort()));
    }

    private void certificates(Attempts all) throws Exception {
        Identity own = enrolled("edge-1");
        String reader = token("reader", Role.READ, List.of(), DAY);
        String writer = token("writer", Role.WRITE, List.of(), DAY);
        all.add("what is allowed", "ingest", () -> calls.ingest(own, "edge-1", "edge-1-a"));
        all.add("what is allowed", "renew", () -> calls.renew(own));
        all.add("what is allowed", "query", () -> calls.query(own, reader));
        all.add("what is allowed", "stream", () -> calls.bookmark(own, writer));
        EnrolmentToken fresh = invitation("edge-2", DAY);
        all.add("what is allowed", "enrol", () -> calls.enrol(null, "edge-2", fresh.secret()));
        all.add("what is allowed", "HTTP", () -> calls.http("GET", "/api/v1/devices", reader));

        all.add("no certificate", "ingest", () -> calls.ingest(null, "edge-1", "edge-1-a"));
        all.add("no certificate", "renew", () -> calls.renew(null));
        all.add("no certificate", "query", () -> calls.query(null, reader));
        all.add("no certificate", "stream", () -> calls.bookmark(null, writer));

        Authority other = Authority.create("other", clock.instant(), Duration.ofDays(9));
        everywhere(
                all,
                "certificate of another authority",
                Identity.of(keys -> other.forAgent(keys.getPublic(), "edge-1", clock.instant(), DAY)));
        Instant past = clock.instant().minus(Duration.ofDays(4));
        everywhere(
                all,
                "expired certificate",
                Identity.of(keys -> authority.forAgent(keys.getPublic(), "edge-1", past, DAY)));
        Identity leaver = enrolled("leaver");
        grants.revoke("leaver");
        everywhere(all, "revoked certificate", leaver);
        everywhere(
                all,
                "certificate of a server",
                Identity.of(keys -> authority.forServer(keys.getPublic(), List.of("edge-1"), clock.instant(), DAY)));

        all.add("another agent's ID", "ingest", () -> calls.ingest(own, "edge-2", "edge-2-a"));
        Identity ghost = Identity.of(keys -> authority.forAgent(keys.getPublic(), "ghost", clock.instant(), DAY));
        all.add("agent that was never enrolled", "ingest", () -> calls.ingest(ghost, "ghost", "ghost-a"));
        all.add("agent that was never enrolled", "renew", () -> calls.renew(ghost));
        all.add("foreign device", "ingest", () -> calls.ingest(own, "edge-1", "edge-2-a"));
    }

    /** A certificate that is not accepted ends every handshake, also where none is asked for. */
    private void everywhere(Attempts all, String row, Identity wrong) throws Exception {
        EnrolmentToken open = invitation("edge-3", DAY);
        all.add(row, "ingest", () -> calls.ingest(wrong, "edge-1", "edge-1-a"));
        all.add(row, "enrol", () -> calls.enrol(wrong, "edge-3", open.secret()));
        all.add(row, "renew", () -> calls.renew(wrong));
        String reader = secrets.get(0);
        all.add(row, "query", () -> calls.query(wrong, reader));
        all.add(row, "stream", () -> calls.bookmark(wrong, reader));
    }

    private void enrolmentTokens(Attempts all) throws Exception {
        all.add("no token", "enrol", () -> calls.enrol(null, "edge-1", new byte[0]));
        all.add("wrong token", "enrol", () -> calls.enrol(null, "edge-1", new byte[24]));
        EnrolmentToken used = invitation("edge-4", DAY);
        grants.enrol("edge-4", used.secret(), Keys.create().getPublic(), "matrix");
        all.add("used token", "enrol", () -> calls.enrol(null, "edge-4", used.secret()));
        EnrolmentToken others = invitation("edge-5", DAY);
        all.add("another's token", "enrol", () -> calls.enrol(null, "edge-1", others.secret()));
        EnrolmentToken expired = invitation("edge-6", Duration.ofMillis(1));
        all.add("expired token", "enrol", () -> calls.enrol(null, "edge-6", expired.secret()));
        EnrolmentToken replaced = invitation("edge-7", DAY);
        invitation("edge-7", DAY);
        all.add("revoked token", "enrol", () -> calls.enrol(null, "edge-7", replaced.secret()));
    }

    private void bearerTokens(Attempts all) throws Exception {
        bearer(all, "no token", null);
        bearer(all, "wrong token", "tributary-" + "x".repeat(43));
        bearer(all, "expired token", token("short", Role.ADMIN, List.of(), Duration.ofMillis(1)));
        String revoked = token("revoked", Role.ADMIN, List.of(), DAY);
        tokens.revoke("revoked");
        bearer(all, "revoked token", revoked);
        // A hash that was stolen is no token.
        String hash = tokens.all().get(0).hash();
        bearer(all, "a token's hash", "tributary-" + hash);

        String reader = token("low", Role.READ, List.of(), DAY);
        all.add("role too low", "stream", () -> calls.erase(reader));
        all.add(
                "role too low",
                "HTTP",
                () -> calls.http("DELETE", "/api/v1/readings?device=a&from=-1h&to=now", reader));
        String scoped = token("scoped", Role.ADMIN, List.of("edge-9-*"), DAY);
        all.add("foreign device", "query", () -> calls.queryDevice(scoped, "edge-1-a"));
        all.add("foreign device", "HTTP", () -> calls.http("GET", "/api/v1/devices/edge-1-a", scoped));
        all.add("token limited to devices, where all are meant", "query", () -> calls.queryAgents(scoped));
        all.add("token limited to devices, where all are meant", "stream", () -> calls.erase(scoped));
        all.add(
                "token limited to devices, where all are meant",
                "HTTP",
                () -> calls.http("GET", "/api/v1/agents", scoped));
    }

    private void bearer(Attempts all, String row, @org.jspecify.annotations.Nullable String token) {
        all.add(row, "query", () -> calls.query(null, token));
        all.add(row, "stream", () -> calls.bookmark(null, token));
        all.add(row, "HTTP", () -> calls.http("GET", "/api/v1/devices", token));
    }

    List<String> auditLines() throws Exception {
        return Files.readAllLines(directory.auditLog(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        program.close();
    }
}
