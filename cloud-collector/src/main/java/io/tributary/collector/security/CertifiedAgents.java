package io.tributary.collector.security;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Agents are whom their certificates name, and write what their grants say. */
public final class CertifiedAgents implements AgentGate {
    /** One line per agent and minute is enough to see that it happens; the metric counts every reading. */
    private static final long REFUSALS_APART_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final GrantReader grants;
    private final AuditLog audit;
    private final LongSupplier nanoTime;
    /** By agents that have grants, so that it is bounded by them. */
    private final Map<String, Long> refusedNanos = new ConcurrentHashMap<>();

    public CertifiedAgents(GrantReader grants, AuditLog audit, LongSupplier nanoTime) {
        this.grants = grants;
        this.audit = audit;
        this.nanoTime = nanoTime;
    }

    @Override
    public void admit(String agent, Peer peer) throws AccessDeniedException {
        String certified = peer.agent();
        if (certified == null) {
            throw refused(
                    agent, peer, "no-certificate", "an agent shows a certificate here; edge-agent enroll gets it one");
        }
        if (!certified.equals(agent)) {
            throw refused(
                    agent,
                    peer,
                    "other-agent",
                    "the certificate names agent " + certified + ", the hello says " + agent + "; expected the same");
        }
        AgentGrant grant = grants.grant(agent);
        if (grant == null || grant.revoked()) {
            throw refused(
                    agent,
                    peer,
                    grant == null ? "unknown-agent" : "revoked",
                    "agent " + agent + " is not enrolled here, or was revoked");
        }
    }

    private AccessDeniedException refused(String agent, Peer peer, String cause, String message) {
        String certified = peer.agent();
        audit.refused(AuditEvent.refused(
                certified == null ? "address " + peer.address() : "agent " + certified,
                "session-opened",
                Map.of("agent", agent, "address", peer.address(), "cause", cause)));
        return new AccessDeniedException(cause, message);
    }

    @Override
    public boolean isAdmitted(String agent) {
        AgentGrant grant = grants.grant(agent);
        return grant != null && !grant.revoked();
    }

    @Override
    public boolean mayWrite(String agent, String device) {
        AgentGrant grant = grants.grant(agent);
        return grant != null && !grant.revoked() && grant.mayWrite(device);
    }

    @Override
    public void deviceRefused(String agent, String device) {
        long now = nanoTime.getAsLong();
        Long last = refusedNanos.get(agent);
        if (last == null || now - last >= REFUSALS_APART_NANOS) {
            refusedNanos.put(agent, now);
            audit.refused(AuditEvent.refused("agent " + agent, "readings-brought", Map.of("device", device)));
        }
    }
}
