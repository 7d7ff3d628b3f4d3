package io.tributary.collector;

import io.tributary.access.AccessTokens;
import io.tributary.access.RequestRates;
import io.tributary.access.TokenAccess;
import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.collector.ingest.EnrolmentService;
import io.tributary.collector.rpc.RpcService;
import io.tributary.collector.rpc.RpcTls;
import io.tributary.collector.rpc.TokenCalls;
import io.tributary.collector.security.AgentGate;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.AuditedTrust;
import io.tributary.collector.security.CertifiedAgents;
import io.tributary.collector.security.GrantReader;
import io.tributary.collector.security.SecurityDirectory;
import io.tributary.collector.security.SiteAuthority;
import io.tributary.http.HttpSecurity;
import io.tributary.pki.Authority;
import io.tributary.tls.ReloadingKeys;
import io.tributary.tls.ReloadingTrust;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that section {@code security} puts between the listeners and the rest. */
final class CollectorSecurity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorSecurity.class);
    private static final long AUDIT_BYTES_MAX = 64L << 20;

    private final SecurityDirectory directory;
    private final AuditLog audit;
    private final AgentGate gate;
    private final RpcTls rpcTls;
    private final HttpSecurity http;
    private final TokenCalls tokenCalls;
    private final EnrolmentService enrolment;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "enrolment");
        made.setDaemon(true);
        return made;
    });

    /** @throws IOException the directory cannot be used */
    CollectorSecurity(SecurityConfig config, InstantSource clock, LongSupplier nanoTime) throws IOException {
        directory = new SecurityDirectory(config.directory());
        audit = new AuditLog(directory.auditLog(), AUDIT_BYTES_MAX, clock);
        Authority authority = SiteAuthority.open(directory);
        SiteAuthority.keepServerFresh(directory, authority, clock.instant());
        gate = new CertifiedAgents(new GrantReader(directory, nanoTime), audit, nanoTime);
        ReloadingKeys keys = new ReloadingKeys(directory.server(), directory.server(), nanoTime);
        ReloadingTrust trust = new ReloadingTrust(directory.agentAuthorities(), directory.revocations(), nanoTime);
        rpcTls = new RpcTls(
                keys,
                new AuditedTrust(trust, audit),
                trust::version,
                (address, cause) ->
                        audit.refused(AuditEvent.refused("address " + address, "handshake", Map.of("cause", cause))));
        AccessTokens tokens = new AccessTokens(directory.tokens(), directory.lock(), clock, nanoTime, audit);
        http = new HttpSecurity(
                keys, null, new TokenAccess(tokens, new RequestRates(config.requestsPerSecondMax(), nanoTime), audit));
        tokenCalls = new TokenCalls(tokens, audit);
        enrolment = new EnrolmentService(
                new AgentGrants(directory, authority, config.agentCertificates(), clock, audit), gate, thread);
        thread.scheduleWithFixedDelay(() -> keepServerFresh(authority, clock), 1, 1, TimeUnit.DAYS);
    }

    private void keepServerFresh(Authority authority, InstantSource clock) {
        try {
            if (SiteAuthority.keepServerFresh(directory, authority, clock.instant())) {
                LOG.info("the collector has a new certificate");
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("the collector's certificate cannot be renewed: {}", e.toString());
        }
    }

    AuditLog audit() {
        return audit;
    }

    AgentGate gate() {
        return gate;
    }

    RpcTls rpcTls() {
        return rpcTls;
    }

    HttpSecurity http() {
        return http;
    }

    TokenCalls tokenCalls() {
        return tokenCalls;
    }

    RpcService enrolment() {
        return new RpcService(enrolment.service(), enrolment.executor());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
