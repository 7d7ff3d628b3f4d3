package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.SecurityDirectory;
import io.tributary.pki.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections that say nothing or too little, more of them than there are places, and batches that are bombs: whoever means
 * it well gets through all the same, and memory stays within its bounds. How long it takes is for {@code deploy/bench flood}.
 */
final class FloodIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PLACES = 50;
    private static final int ROUNDS = 5;
    private static final int ANSWER_MILLIS = 20_000;
    private static final InetAddress FROM = from();
    /** A heap of 96 MiB, RocksDB, code and buffers; with one bomb of 64 MiB opened per thread it would be above. */
    private static final double RESIDENT_MAX_KIB = 420 * 1024;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));
    private final InstantSource clock = InstantSource.system();

    @TempDir
    Path files;

    @Test
    void collector_letsThoseInWhoMeanIt_andStaysSmall() throws Exception {
        SecuredSite site = new SecuredSite(installation, files);
        site.init();
        SecurityDirectory directory = new SecurityDirectory(site.directory());
        Authority authority = Authority.read(site.authority(), site.directory().resolve("ca.key"));
        AuditLog audit = new AuditLog(directory.auditLog(), 64 << 20, clock);
        AgentGrants grants = new AgentGrants(directory, authority, Duration.ofDays(1), clock, audit);
        Identity quiet = enrolled(grants, "quiet");
        Identity bomber = enrolled(grants, "bomber");
        String token = new AccessTokens(directory.tokens(), directory.lock(), clock, System::nanoTime, audit)
                .create("reader", Role.READ, List.of(), null);
        Path config = Files.writeString(
                files.resolve("collector.yaml"), """
                data: %s
                grpc: {listen: "127.0.0.1:0", connections-max: %d, handshake-timeout: 2s}
                http: {listen: "127.0.0.1:0"}
                security: {directory: %s}
                """.formatted(files.resolve("data"), PLACES, directory.root()));
        try (Program program = Program.start(
                installation.script(Installation.COLLECTOR),
                List.of("run", "--config", config.toString()),
                Map.of("TRIBUTARY_HEAP", "96m", "JAVA_OPTS", "-XX:-UseG1GC -XX:+UseSerialGC"),
                files.resolve("collector.log"))) {
            ReadyLine ready = program.awaitReady(PATIENCE);
            CollectorAttempts calls = new CollectorAttempts(
                    authority.certificate(),
                    ready.port("grpc"),
                    ready.port("http"),
                    new AtomicLong(clock.instant().toEpochMilli()));
            try (Flood flood = new Flood(attacks(ready.port("grpc"), ready.port("http")), FROM, Flood.SLOW).start()) {
                awaitRefusals(flood);
                for (int i = 0; i < ROUNDS; i++) {
                    // Each over a connection of its own, for which there is no place left.
                    awaitTaken(() -> calls.ingest(quiet, "quiet", "quiet-1"));
                    awaitTaken(() -> calls.http("GET", "/api/v1/devices", token));
                }
                byte[] bomb = Zstd.compress(new byte[64 << 20]);
                awaitTaken(() -> calls.bombs(bomber, "bomber", bomb, 100));
                awaitTaken(() -> calls.ingest(quiet, "quiet", "quiet-1"));
            }
            Metrics metrics = Metrics.parse(
                    new CollectorApi("127.0.0.1:" + ready.port("http"), site.authority(), token).text("/metrics"));
            assertThat(metrics.sum("tributary_collector_grpc_connections_evicted_total"))
                    .isPositive();
            assertThat(metrics.sum("tributary_collector_grpc_connections")).isLessThanOrEqualTo(PLACES);
            assertThat(metrics.sum("tributary_collector_dead_letters")).isPositive();
            assertThat(residentPeakKib(program)).isLessThan(RESIDENT_MAX_KIB);
        }
    }

    /** An address of its own. */
    private static InetAddress from() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("BUG: four bytes are an address", e);
        }
    }

    private static Identity enrolled(AgentGrants grants, String agent) throws Exception {
        var token = grants.invite(agent, List.of(agent + "-*"), Duration.ofDays(1));
        return Identity.of(keys ->
                grants.enrol(agent, token.secret(), keys.getPublic(), "test").get(0));
    }

    /** Three times as many of either kind as gRPC has places, and more than HTTP has. */
    private static List<Flood.Attack> attacks(int grpc, int http) {
        List<Flood.Attack> attacks = new ArrayList<>();
        for (Flood.Kind kind : Flood.Kind.values()) {
            boolean churn = kind == Flood.Kind.CHURN;
            attacks.add(new Flood.Attack(kind, grpc, churn ? 2 : 3 * PLACES, Flood.tlsBeginning()));
            attacks.add(new Flood.Attack(kind, http, churn ? 2 : 3 * PLACES, Flood.tlsBeginning()));
        }
        return attacks;
    }

    /** As an agent does: who is pushed out on a busy machine tries again. A collector that is locked stays locked. */
    private static void awaitTaken(Attempts.Attempt attempt) {
        Outcome[] last = {new Outcome("not tried", "")};
        Await.until(
                PATIENCE,
                () -> {
                    try {
                        last[0] = attempt.make();
                        return last[0].equals(Outcome.TAKEN);
                    } catch (Exception e) {
                        throw new IllegalStateException("an attempt could not be made", e);
                    }
                },
                () -> "the last attempt was " + last[0]);
    }

    private static void awaitRefusals(Flood flood) {
        Await.until(
                PATIENCE,
                () -> flood.endedByServer(Flood.Kind.SILENT) > 10 && flood.endedByServer(Flood.Kind.TRICKLE) > 10,
                () -> "the server holds " + flood.opened(Flood.Kind.SILENT) + " silent connections, and ended "
                        + flood.endedByServer(Flood.Kind.SILENT));
    }

    @Test
    void agent_goesOnTakingReadings() throws Exception {
        Authority plant = Authority.create("plant", clock.instant(), Duration.ofDays(9));
        Path server = Identity.of(keys ->
                        plant.forServer(keys.getPublic(), List.of("127.0.0.1"), clock.instant(), Duration.ofDays(1)))
                .write(files.resolve("server.pem"));
        Path config = Files.writeString(files.resolve("agent.yaml"), """
                agent: flooded
                outbox: {path: %1$s}
                http: {listen: "127.0.0.1:0", tls: {certificate: %2$s, key: %2$s}}
                sources:
                  - {type: tcp-lines, name: lines, listen: "127.0.0.1:0", connections-max: 20}
                  - {type: tcp-frames, name: frames, listen: "127.0.0.1:0", connections-max: 20, handshake-timeout: 2s, tls: {certificate: %2$s, key: %2$s}}
                  - {type: http, name: web, listen: "127.0.0.1:0", connections-max: 20}
                  - {type: mqtt-listener, name: mqtt, listen: "127.0.0.1:0", connections-max: 20, connect-timeout: 2s, topics: [{topic: "{device}/{channel}", decode: {type: plain}}]}
                """.formatted(files.resolve("outbox"), server));
        try (Program program = Program.start(
                installation.script(Installation.AGENT),
                List.of("run", "--config", config.toString()),
                Map.of(),
                files.resolve("agent.log"))) {
            ReadyLine ready = program.awaitReady(PATIENCE);
            List<Flood.Attack> attacks = new ArrayList<>();
            for (Flood.Kind kind : Flood.Kind.values()) {
                int clients = kind == Flood.Kind.CHURN ? 2 : 60;
                attacks.add(new Flood.Attack(kind, ready.port("http"), clients, Flood.tlsBeginning()));
                attacks.add(new Flood.Attack(
                        kind,
                        ready.port("web"),
                        clients,
                        Flood.beginning("POST /write HTTP/1.1\r\nContent-Length: 9")));
                attacks.add(new Flood.Attack(kind, ready.port("lines"), clients, Flood.beginning("m,device=flood v")));
                attacks.add(new Flood.Attack(kind, ready.port("frames"), clients, Flood.tlsBeginning()));
                attacks.add(new Flood.Attack(
                        kind, ready.port("mqtt"), clients, Flood.beginning("\u0010\u007f\u0000\u0004MQTT\u0005")));
            }
            try (LineConnection device = new LineConnection(ready.port("lines"));
                    Flood flood = new Flood(attacks, FROM, Flood.SLOW)) {
                device.send("m,device=quiet t=1\n"); // one that has brought something keeps its place
                device.awaitDurable(1);
                flood.start();
                awaitRefusals(flood);
                HttpsCall own = new HttpsCall(plant.certificate(), ready.port("http"));
                PlainCall plain = new PlainCall(ready.port("web"));
                TlsSocketCall frames = new TlsSocketCall(plant.certificate(), ready.port("frames"));
                for (int i = 2; i <= ROUNDS + 1; i++) {
                    device.send("m,device=quiet t=" + i + "\n");
                    device.awaitDurable(i);
                    awaitTaken(() -> own.make("GET", "/healthz", "", null, null));
                    awaitTaken(() -> plain.make("/ping"));
                    awaitTaken(() -> lines(ready.port("lines")));
                    awaitTaken(() -> frames.frame(null));
                    awaitTaken(() -> mqtt(ready.port("mqtt")));
                }
            }
            Metrics metrics = Metrics.parse(HttpsCall.text(plant.certificate(), ready.port("http"), "/metrics"));
            assertThat(metrics.sum("tributary_agent_tcp_evicted_connections_total", "source=\"lines\""))
                    .isPositive();
            assertThat(metrics.sum("tributary_agent_tcp_failed_handshakes_total", "source=\"frames\""))
                    .isPositive();
            assertThat(residentPeakKib(program)).isLessThan(RESIDENT_MAX_KIB);
        }
    }

    /** Over a connection of its own, of which there are fewer than the flood has. */
    private static Outcome lines(int port) throws Exception {
        try (Socket device = new Socket("127.0.0.1", port)) {
            device.setSoTimeout(ANSWER_MILLIS);
            device.getOutputStream().write("m,device=quiet t=1\n".getBytes(StandardCharsets.UTF_8));
            byte[] answer = device.getInputStream().readNBytes(5);
            return new String(answer, StandardCharsets.UTF_8).equals("OK 1\n")
                    ? Outcome.TAKEN
                    : new Outcome("closed", HexFormat.of().formatHex(answer));
        } catch (IOException e) {
            return new Outcome("closed", e.toString());
        }
    }

    private static Outcome mqtt(int port) throws Exception {
        byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'q'};
        try (Socket device = new Socket("127.0.0.1", port)) {
            device.setSoTimeout(ANSWER_MILLIS);
            device.getOutputStream().write(connect);
            byte[] answer = device.getInputStream().readNBytes(4);
            return Arrays.equals(answer, new byte[] {0x20, 2, 0, 0})
                    ? Outcome.TAKEN
                    : new Outcome("closed", HexFormat.of().formatHex(answer));
        } catch (IOException e) {
            return new Outcome("closed", e.toString());
        }
    }

    private static double residentPeakKib(Program program) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(program.pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("no VmHWM of " + program.name());
    }

    /** Over a connection of its own. */
    private record PlainCall(int port) {
        Outcome make(String path) throws Exception {
            HttpResponse<String> response;
            try {
                response = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                        .timeout(Duration.ofSeconds(30))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                return new Outcome("closed", "");
            }
            return response.statusCode() == 204 ? Outcome.TAKEN : new Outcome("refused", response.body());
        }
    }
}
