package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.AccessTokens;
import io.tributary.access.RequestRates;
import io.tributary.access.Role;
import io.tributary.access.TokenAccess;
import io.tributary.audit.AuditLog;
import io.tributary.http.HttpSecurity;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which role each call wants, over HTTP with real tokens. */
@SuppressWarnings("NullAway.Init")
final class RolesTest {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    @TempDir
    Path directory;

    private final Map<Role, String> tokens = new EnumMap<>(Role.class);
    private String scoped;
    private ApiFixture api;

    @BeforeEach
    void start() throws IOException {
        AuditLog audit = new AuditLog(audit(), 1 << 20, InstantSource.system());
        AtomicLong nanos = new AtomicLong();
        // It looks for new files once a second.
        AccessTokens made = new AccessTokens(
                directory.resolve("tokens"),
                directory.resolve("lock"),
                InstantSource.system(),
                () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(2)),
                audit);
        for (Role role : Role.values()) {
            tokens.put(role, made.create(name(role), role, List.of(), null));
        }
        scoped = made.create("scoped", Role.ADMIN, List.of("greenhouse-*"), null);
        api = new ApiFixture(
                new HttpSecurity(null, null, new TokenAccess(made, new RequestRates(1_000, System::nanoTime), audit)));
    }

    @AfterEach
    void close() {
        api.close();
    }

    private Path audit() {
        return directory.resolve("audit.log");
    }

    private HttpResponse<String> call(String method, String path, String token) {
        return api.send(method, path, "", "Authorization", "Bearer " + token);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/devices, READ",
        "GET, /api/v1/readings, READ",
        "GET, /api/v1/aggregate, READ",
        "GET, /api/v1/latest, READ",
        "GET, /api/v1/agents, READ",
        "GET, /api/v1/agents/edge-1/gaps, READ",
        "GET, /api/v1/agents/edge-1/clock, READ",
        "GET, /api/v1/deadletters, READ",
        "GET, /metrics, READ",
        "GET, /, READ",
        "POST, /api/v1/agents/edge-1/commands, ADMIN",
        "GET, /api/v1/agents/edge-1/commands, ADMIN",
        "GET, /api/v1/agents/edge-1/commands/c, ADMIN",
        "PUT, /api/v1/agents/edge-1/config, ADMIN",
        "GET, /api/v1/agents/edge-1/config, ADMIN"
    })
    void call_wantsItsRole(String method, String path, Role needed) throws IOException {
        HttpResponse<String> without = api.send(method, path, "");
        assertThat(without.statusCode()).isEqualTo(UNAUTHORIZED);
        assertThat(without.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(call(method, path, "tributary-wrong").statusCode()).isEqualTo(UNAUTHORIZED);
        for (Map.Entry<Role, String> each : tokens.entrySet()) {
            HttpResponse<String> answer = call(method, path, each.getValue());
            if (each.getKey().includes(needed)) {
                assertThat(answer.statusCode()).as(each.getKey().name()).isNotIn(UNAUTHORIZED, FORBIDDEN);
            } else {
                assertThat(answer.statusCode()).as(each.getKey().name()).isEqualTo(FORBIDDEN);
                assertThat(answer.body()).contains(name(each.getKey()), "expected admin");
            }
        }
        assertThat(Files.readString(audit())).contains("no-token", "wrong-token");
    }

    private static String name(Role role) {
        return "of-" + role.name().toLowerCase(Locale.ROOT);
    }

    @Test
    void refusedCommands_haveNoEffect_andALineInTheAudit() throws IOException {
        String body = "{id: c, kind: agent, action: reload}";
        for (Role role : List.of(Role.READ, Role.WRITE)) {
            HttpResponse<String> refused = api.send(
                    "POST", "/api/v1/agents/edge-1/commands", body, "Authorization", "Bearer " + tokens.get(role));
            assertThat(refused.statusCode()).isEqualTo(FORBIDDEN);
            HttpResponse<String> config = api.send(
                    "PUT",
                    "/api/v1/agents/edge-1/config",
                    "sources: []",
                    "Authorization",
                    "Bearer " + tokens.get(role));
            assertThat(config.statusCode()).isEqualTo(FORBIDDEN);
            assertThat(Files.readString(audit()))
                    .contains("\"token " + name(role) + "\"", "POST /api/v1/agents/{agent}/commands", "wrong-role");
        }
        String admin = String.valueOf(tokens.get(Role.ADMIN));
        assertThat(call("GET", "/api/v1/agents/edge-1/commands/c", admin).statusCode())
                .isEqualTo(404);
        assertThat(call("GET", "/api/v1/agents/edge-1/config", admin).statusCode())
                .isEqualTo(404);
    }

    @Test
    void tokenForSomeDevices_seesNothingThatIsNotOfOneDevice() {
        for (String path : List.of(
                "/api/v1/agents",
                "/api/v1/agents/edge-1/gaps",
                "/api/v1/deadletters",
                "/api/v1/agents/edge-1/commands",
                "/api/v1/agents/edge-1/config")) {
            assertThat(call("GET", path, scoped).statusCode()).as(path).isEqualTo(FORBIDDEN);
        }
        assertThat(call("GET", "/api/v1/devices", scoped).statusCode()).isEqualTo(200);
    }

    @Test
    void health_isForEverybody() {
        assertThat(api.send("GET", "/healthz", "").statusCode()).isEqualTo(200);
        assertThat(api.send("GET", "/readyz", "").statusCode()).isEqualTo(200);
    }
}
