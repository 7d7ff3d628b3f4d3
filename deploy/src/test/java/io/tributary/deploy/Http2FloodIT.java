package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.SecurityDirectory;
import io.tributary.pki.Authority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The floods that HTTP/2 makes possible, of somebody who needs no certificate for them: the collector ends each connection,
 * stays as small as it is, and takes an agent's readings beside it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2FloodIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A heap of 96 MiB, RocksDB, code and buffers. */
    private static final double RESIDENT_MAX_KIB = 420 * 1024;

    private final InstantSource clock = InstantSource.system();

    @SuppressWarnings("NullAway.Init")
    private Authority authority;

    @SuppressWarnings("NullAway.Init")
    private Identity quiet;

    @SuppressWarnings("NullAway.Init")
    private CollectorAttempts calls;

    @SuppressWarnings("NullAway.Init")
    private CollectorApi api;

    private @Nullable Program program;

    @BeforeAll
    void start(@TempDir Path files) throws Exception {
        Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));
        SecuredSite site = new SecuredSite(installation, files);
        site.init();
        SecurityDirectory directory = new SecurityDirectory(site.directory());
        authority = Authority.read(site.authority(), site.directory().resolve("ca.key"));
        AuditLog audit = new AuditLog(directory.auditLog(), 64 << 20, clock);
        AgentGrants grants = new AgentGrants(directory, authority, Duration.ofDays(1), clock, audit);
        var token = grants.invite("quiet", List.of("quiet-*"), Duration.ofDays(1));
        quiet = Identity.of(keys ->
                grants.enrol("quiet", token.secret(), keys.getPublic(), "test").get(0));
        String reader = new AccessTokens(directory.tokens(), directory.lock(), clock, System::nanoTime, audit)
                .create("reader", Role.READ, List.of(), null);
        Path config = Files.writeString(
                files.resolve("collector.yaml"), """
                data: %s
                grpc: {listen: "127.0.0.1:0"}
                http: {listen: "127.0.0.1:0"}
                security: {directory: %s}
                """.formatted(files.resolve("data"), directory.root()));
        program = Program.start(
                installation.script(Installation.COLLECTOR),
                List.of("run", "--config", config.toString()),
                Map.of("TRIBUTARY_HEAP", "96m", "JAVA_OPTS", "-XX:-UseG1GC -XX:+UseSerialGC"),
                files.resolve("collector.log"));
        ReadyLine ready = program.awaitReady(PATIENCE);
        calls = new CollectorAttempts(
                authority.certificate(),
                ready.port("grpc"),
                ready.port("http"),
                new AtomicLong(clock.instant().toEpochMilli()));
        api = new CollectorApi("127.0.0.1:" + ready.port("http"), site.authority(), reader);
    }

    @AfterAll
    void stop() {
        if (program != null) {
            program.close();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMPTY_DATA") // SECURITY.md, what is left open
    void flood_isEnded_andAnAgentGoesOn(Http2Flood.Kind kind) throws Exception {
        int sent = new Http2Flood(authority.certificate(), calls.grpcPort()).run(kind);
        assertThat(sent).as("frames until the collector ended it, -1: never").isNotNegative();
        assertThat(calls.ingest(quiet, "quiet", "quiet-1")).isEqualTo(Outcome.TAKEN);
        Await.until(
                PATIENCE,
                () -> api.metrics().sum("tributary_collector_grpc_connections") == 0,
                () -> "connections stay open");
        double resident = new ProcessProbe(Objects.requireNonNull(program).pid()).mebibytes("VmHWM") * 1024;
        assertThat(resident).isLessThan(RESIDENT_MAX_KIB);
    }
}
