package io.tributary.agent;

import io.tributary.access.AccessTokens;
import io.tributary.access.RequestRates;
import io.tributary.access.TokenAccess;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.SourceGuard;
import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.http.AccessControl;
import io.tributary.http.HttpSecurity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may ask the agent itself: tokens, and the audit log {@code <outbox>.audit}. */
final class AgentSecurity {
    /** Some 5,000 lines, twice. */
    static final long AUDIT_BYTES = 1 << 20;

    /** Of one token: a scraper asks once in some seconds, a gateway of devices a few times a second. */
    private static final int REQUESTS_PER_SECOND = 200;

    private final Clock clock;
    private final InstantSource wall;
    private final AuditLog audit;

    AgentSecurity(Path outbox, Clock clock) {
        this.clock = clock;
        this.wall = () -> Instant.ofEpochSecond(0, clock.wallNs());
        this.audit = new AuditLog(auditFile(outbox), AUDIT_BYTES, wall);
    }

    static Path auditFile(Path outbox) {
        return Agent.beside(outbox, ".audit");
    }

    static Path lock(Path tokens) {
        return tokens.resolve("lock");
    }

    /**
     * @param tokens null: nobody is asked
     * @throws IOException they cannot be read
     */
    AccessControl access(@Nullable Path tokens) throws IOException {
        if (tokens == null) {
            return AccessControl.OPEN;
        }
        return new TokenAccess(
                new AccessTokens(tokens, lock(tokens), wall, clock::monotonicNs, audit),
                new RequestRates(REQUESTS_PER_SECOND, clock::monotonicNs),
                audit);
    }

    /** For sources that listen. */
    SourceGuard guard() {
        return new SourceGuard() {
            @Override
            public AccessControl tokens(Path directory) throws IOException {
                return access(directory);
            }

            @Override
            public void refused(String source, String who, String cause) {
                audit.refused(AuditEvent.refused(who, "readings-brought", Map.of("source", source, "cause", cause)));
            }
        };
    }

    HttpSecurity http(AgentHttp config) throws IOException {
        return HttpSecurity.of(config.tls(), access(config.tokens()), clock::monotonicNs);
    }
}
