package io.tributary.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-31T12:00:00Z"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void event_isOneLineOfJson() throws IOException {
        Path file = directory.resolve("audit.log");
        AuditLog log = new AuditLog(file, 1 << 20, CLOCK);
        log.append(AuditEvent.allowed("operator", "agent-revoked", Map.of("agent", "a\n\"b\"")));
        log.refused(AuditEvent.refused("address 10.0.0.1", "agent-enrolled", Map.of()));
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "{\"time\":\"2026-01-31T12:00:00Z\",\"who\":\"operator\",\"action\":\"agent-revoked\","
                                + "\"outcome\":\"allowed\",\"agent\":\"a\\n\\\"b\\\"\"}",
                        "{\"time\":\"2026-01-31T12:00:00Z\",\"who\":\"address 10.0.0.1\",\"action\":\"agent-enrolled\","
                                + "\"outcome\":\"refused\"}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void log_takesTwiceItsSizeAtMost() throws IOException {
        Path file = directory.resolve("audit.log");
        AuditLog log = new AuditLog(file, 1_000, CLOCK);
        for (int i = 0; i < 100; i++) {
            log.refused(AuditEvent.refused("token t" + i, "request", Map.of("cause", "x".repeat(10_000))));
        }
        assertThat(Files.size(file)).isLessThanOrEqualTo(1_000);
        assertThat(Files.size(directory.resolve("audit.log.1"))).isLessThanOrEqualTo(1_000);
        assertThat(Files.readString(file)).contains("token t99");
    }
}
