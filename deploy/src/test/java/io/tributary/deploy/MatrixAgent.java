package io.tributary.deploy;

import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.pki.Authority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** An agent whose listeners all ask who comes, and everything that can be tried at them. */
final class MatrixAgent implements AutoCloseable {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROWS = "m,device=%s t=1";
    private static final String PASSWORD = "correct-horse";

    private final InstantSource clock = InstantSource.system();
    private final Authority authority = Authority.create("plant", clock.instant(), Duration.ofDays(9));
    private final Path auditFile;
    private final AccessTokens tokens;
    private final String reader;
    private final String writer;
    private final String expired;
    private final String revoked;
    private final Identity revokedPress;
    private final Program program;
    private final ReadyLine ready;
    private final List<String> secrets = new ArrayList<>(List.of(PASSWORD));

    MatrixAgent(Installation installation, Path files) throws Exception {
        Path server = Identity.of(
                        keys -> authority.forServer(keys.getPublic(), List.of("127.0.0.1"), clock.instant(), DAY))
                .write(files.resolve("server.pem"));
        Path ca = Files.writeString(files.resolve("plant.crt"), Authority.pem(authority.certificate()));
        Path folder = files.resolve("agent-tokens");
        auditFile = files.resolve("outbox.audit");
        tokens = new AccessTokens(
                folder, folder.resolve("lock"), clock, System::nanoTime, new AuditLog(auditFile, 1 << 20, clock));
        // Before the start: a running agent sees new ones within a second, which is no matter of this test.
        reader = token("reader", Role.READ, List.of(), DAY);
        writer = token("writer", Role.WRITE, List.of("press-*"), DAY);
        expired = token("short", Role.ADMIN, List.of(), Duration.ofMillis(1));
        revoked = token("revoked", Role.ADMIN, List.of(), DAY);
        tokens.revoke("revoked");
        revokedPress = Identity.of(keys -> authority.forAgent(keys.getPublic(), "press", clock.instant(), DAY));
        Path crl = Files.writeString(
                files.resolve("plant.crl"),
                authority.revocations(List.of(revokedPress.certificate().getSerialNumber()), clock.instant(), DAY));
        Path passwords = Files.writeString(files.resolve("passwords"), "press:" + hashed(PASSWORD) + "\n");
        Path config = Files.writeString(files.resolve("agent.yaml"), """
                agent: edge-1
                outbox: {path: %1$s}
                http:
                  listen: 127.0.0.1:0
                  tls: {certificate: %2$s, key: %2$s}
                  tokens: %4$s
                sources:
                  - {type: http, name: web, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s}, tokens: %4$s}
                  - {type: http, name: webca, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s, ca: %3$s, revocations: %6$s}}
                  - {type: tcp-lines, name: linesca, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s, ca: %3$s, revocations: %6$s}}
                  - {type: tcp-frames, name: framesca, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s, ca: %3$s, revocations: %6$s}}
                  - {type: mqtt-listener, name: mqttca, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s, ca: %3$s, revocations: %6$s}, topics: [{topic: "{device}/{channel}", decode: {type: plain}}]}
                  - {type: mqtt-listener, name: mqtt, listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s}, passwords: %5$s, topics: [{topic: "{device}/{channel}", decode: {type: plain}}]}
                """.formatted(
                        files.resolve("outbox"), server, ca, folder, passwords, crl));
        program = Program.start(
                installation.script(Installation.AGENT),
                List.of("run", "--config", config.toString()),
                Map.of(),
                files.resolve("agent.log"));
        ready = program.awaitReady(PATIENCE);
    }

    /** As {@code mosquitto_passwd} does. */
    private static String hashed(String password) throws Exception {
        byte[] salt = new byte[12];
        new SecureRandom().nextBytes(salt);
        byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, 101, 512))
                .getEncoded();
        Base64.Encoder base64 = Base64.getEncoder();
        return "$7$101$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }

    List<String> secrets() {
        return secrets;
    }

    List<String> auditLines() throws Exception {
        return Files.exists(auditFile) ? Files.readAllLines(auditFile, StandardCharsets.UTF_8) : List.of();
    }

    private String token(String name, Role role, List<String> devices, Duration validity) throws Exception {
        String text = tokens.create(name, role, devices, validity);
        secrets.add(text);
        return text;
    }

    private HttpsCall https(String listener) {
        return new HttpsCall(authority.certificate(), ready.port(listener));
    }

    private TlsSocketCall tcp(String listener) {
        return new TlsSocketCall(authority.certificate(), ready.port(listener));
    }

    private MqttConnect mqtt(String listener) {
        return new MqttConnect(authority.certificate(), ready.port(listener));
    }

    Attempts attempts() throws Exception {
        Attempts all = new Attempts();
        for (String[] each : new String[][] {
            {"own HTTP", "http"},
            {"http, tokens", "web"},
            {"http, ca", "webca"},
            {"tcp-lines, ca", "linesca"},
            {"tcp-frames, ca", "framesca"},
            {"mqtt-listener, ca", "mqttca"},
            {"mqtt-listener, passwords", "mqtt"}
        }) {
            int port = ready.port(each[1]);
            all.add("no TLS", each[0], () -> ClientHello.plainText(port));
            all.add("TLS 1.1", each[0], () -> ClientHello.oldVersion(port));
            all.add("TLS 1.2 with weak ciphers only", each[0], () -> ClientHello.weakCiphers(port));
        }
        certificates(all);
        bearerTokens(all);
        all.add(
                "what is allowed",
                "mqtt-listener, passwords",
                () -> mqtt("mqtt").make("press", PASSWORD, null));
        all.add("no user", "mqtt-listener, passwords", () -> mqtt("mqtt").make(null, null, null));
        all.add("unknown user", "mqtt-listener, passwords", () -> mqtt("mqtt").make("lathe", PASSWORD, null));
        all.add("wrong password", "mqtt-listener, passwords", () -> mqtt("mqtt").make("press", "wrong", null));
        return all;
    }

    private void certificates(Attempts all) throws Exception {
        Instant now = clock.instant();
        client(all, "what is allowed", Identity.of(keys -> authority.forAgent(keys.getPublic(), "press", now, DAY)));
        client(all, "no certificate", null);
        Authority other = Authority.create("other", now, Duration.ofDays(9));
        client(
                all,
                "certificate of another authority",
                Identity.of(keys -> other.forAgent(keys.getPublic(), "press", now, DAY)));
        Instant past = now.minus(Duration.ofDays(4));
        client(
                all,
                "expired certificate",
                Identity.of(keys -> authority.forAgent(keys.getPublic(), "press", past, DAY)));
        client(all, "revoked certificate", revokedPress);
        client(
                all,
                "certificate of a server",
                Identity.of(keys -> authority.forServer(keys.getPublic(), List.of("press"), now, DAY)));
    }

    private void client(Attempts all, String row, @Nullable Identity own) {
        all.add(row, "http, ca", () -> https("webca").make("POST", "/write", ROWS.formatted("a"), null, own));
        all.add(row, "tcp-lines, ca", () -> tcp("linesca").line(ROWS.formatted("a"), own));
        all.add(row, "tcp-frames, ca", () -> tcp("framesca").frame(own));
        all.add(row, "mqtt-listener, ca", () -> mqtt("mqttca").make(null, null, own));
    }

    private void bearerTokens(Attempts all) throws Exception {
        all.add("what is allowed", "own HTTP", () -> https("http").make("GET", "/metrics", "", reader, null));
        all.add("what is allowed", "http, tokens", () -> write(writer, "press-1"));
        bearer(all, "no token", null);
        bearer(all, "wrong token", "tributary-" + "x".repeat(43));
        bearer(all, "expired token", expired);
        bearer(all, "revoked token", revoked);
        bearer(all, "a token's hash", "tributary-" + tokens.all().get(0).hash());
        all.add("role too low", "http, tokens", () -> write(reader, "press-1"));
        all.add("foreign device", "http, tokens", () -> write(writer, "lathe-1"));
    }

    private Outcome write(@Nullable String token, String device) throws Exception {
        return https("web").make("POST", "/write", ROWS.formatted(device), token, null);
    }

    private void bearer(Attempts all, String row, @Nullable String token) {
        all.add(row, "own HTTP", () -> https("http").make("GET", "/deadletters", "", token, null));
        all.add(row, "http, tokens", () -> write(token, "press-1"));
    }

    @Override
    public void close() {
        program.close();
    }
}
