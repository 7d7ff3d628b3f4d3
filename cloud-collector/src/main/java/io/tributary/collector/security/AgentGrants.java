package io.tributary.collector.security;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.pki.Authority;
import io.tributary.pki.EnrolmentToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Invites, enrols, renews and revokes agents. Every change is on disk, its audit line included, before it is answered. Any
 * thread, and the command line beside the running collector.
 */
public final class AgentGrants {
    private final SecurityDirectory directory;
    private final GrantFiles files;
    private final Authority authority;
    private final Duration certificateValidity;
    private final InstantSource clock;
    private final AuditLog audit;

    public AgentGrants(
            SecurityDirectory directory,
            Authority authority,
            Duration certificateValidity,
            InstantSource clock,
            AuditLog audit) {
        this.directory = directory;
        this.files = new GrantFiles(directory);
        this.authority = authority;
        this.certificateValidity = certificateValidity;
        this.clock = clock;
        this.audit = audit;
    }

    public List<AgentGrant> all() throws IOException {
        return files.all();
    }

    /**
     * Makes a token for an agent, new or known: an agent whose certificate has expired, or that was revoked, comes back
     * this way, with its outbox. An earlier token of it is void.
     */
    public EnrolmentToken invite(String agent, List<String> devices, Duration validity) throws IOException {
        EnrolmentToken token = EnrolmentToken.create(agent, Authority.fingerprint(authority.certificate()));
        Instant expires = clock.instant().plus(validity);
        return directory.changing(() -> {
            AgentGrant known = files.read(agent);
            files.write(new AgentGrant(
                    agent,
                    devices,
                    new AgentGrant.Invitation(EnrolmentToken.hash(token.secret()), expires.toString(), null),
                    known == null ? List.of() : known.certificates(),
                    known != null && known.revoked()));
            audit.append(AuditEvent.allowed(
                    "operator",
                    "agent-invited",
                    Map.of("agent", agent, "devices", String.join(" ", devices), "expires", expires.toString())));
            return token;
        });
    }

    /**
     * Uses a token up.
     *
     * @return the agent's certificate, and the authority's behind it
     * @throws AccessDeniedException the token is not the agent's, used up or too old; all three look the same outside
     */
    public List<X509Certificate> enrol(String agent, byte[] secret, PublicKey key, String from)
            throws IOException, AccessDeniedException {
        Outcome outcome = directory.changing(() -> redeem(agent, secret, key, from));
        if (outcome.refused() != null) {
            audit.refused(AuditEvent.refused(
                    "address " + from, "agent-enrolled", Map.of("agent", agent, "cause", outcome.refused())));
            throw new AccessDeniedException(
                    outcome.refused(),
                    "this token does not enrol agent " + agent
                            + ": it was used, has expired, or is not its; expected one from"
                            + " \"cloud-collector agent invite\"");
        }
        return outcome.chain();
    }

    private record Outcome(
            List<X509Certificate> chain, @Nullable String refused) {
        static Outcome refused(String cause) {
            return new Outcome(List.of(), cause);
        }
    }

    private Outcome redeem(String agent, byte[] secret, PublicKey key, String from) throws IOException {
        AgentGrant grant = files.read(agent);
        AgentGrant.Invitation invitation = grant == null ? null : grant.invitation();
        if (grant == null || invitation == null || !same(invitation.hash(), EnrolmentToken.hash(secret))) {
            return Outcome.refused("unknown-token");
        }
        if (clock.instant().isAfter(invitation.expiresAt())) {
            return Outcome.refused("expired-token");
        }
        String keyHash = EnrolmentToken.hash(key.getEncoded());
        String usedBy = invitation.usedBy();
        if (usedBy != null && !same(usedBy, keyHash)) {
            return Outcome.refused("used-token");
        }
        X509Certificate issued = authority.forAgent(key, agent, clock.instant(), certificateValidity);
        AgentGrant.Invitation used = new AgentGrant.Invitation(invitation.hash(), invitation.expires(), keyHash);
        files.write(new AgentGrant(agent, grant.devices(), used, with(grant, issued), false));
        audit.append(AuditEvent.allowed(
                "address " + from, "agent-enrolled", Map.of("agent", agent, "serial", serial(issued))));
        return new Outcome(List.of(issued, authority.certificate()), null);
    }

    /** For the audit log: somebody asked for a renewal who has nothing to renew. */
    public void renewalRefused(String address, String cause) {
        audit.refused(AuditEvent.refused("address " + address, "certificate-renewed", Map.of("cause", cause)));
    }

    /** A new certificate for an agent that has shown a valid one. */
    public List<X509Certificate> renew(String agent, PublicKey key) throws IOException, AccessDeniedException {
        List<X509Certificate> chain = directory.changing(() -> {
            AgentGrant grant = files.read(agent);
            if (grant == null || grant.revoked()) {
                return List.<X509Certificate>of();
            }
            X509Certificate issued = authority.forAgent(key, agent, clock.instant(), certificateValidity);
            files.write(new AgentGrant(agent, grant.devices(), grant.invitation(), with(grant, issued), false));
            audit.append(AuditEvent.allowed(
                    "agent " + agent, "certificate-renewed", Map.of("agent", agent, "serial", serial(issued))));
            return List.of(issued, authority.certificate());
        });
        if (chain.isEmpty()) {
            audit.refused(AuditEvent.refused("agent " + agent, "certificate-renewed", Map.of("agent", agent)));
            throw new AccessDeniedException("unknown-agent", "agent " + agent + " is not enrolled here");
        }
        return chain;
    }

    /**
     * Takes an agent's certificates back: its stream ends within a second, and none of them opens another.
     *
     * @return false when the agent is not known
     */
    public boolean revoke(String agent) throws IOException {
        return directory.changing(() -> {
            AgentGrant grant = files.read(agent);
            if (grant == null) {
                return false;
            }
            List<AgentGrant.Certificate> taken = grant.certificates().stream()
                    .map(each -> new AgentGrant.Certificate(each.serial(), each.expires(), true))
                    .toList();
            files.write(new AgentGrant(agent, grant.devices(), null, taken, true));
            RevocationList.write(directory, authority, clock.instant());
            audit.append(AuditEvent.allowed("operator", "agent-revoked", Map.of("agent", agent)));
            return true;
        });
    }

    /** The new one behind those that have not expired. */
    private List<AgentGrant.Certificate> with(AgentGrant grant, X509Certificate issued) {
        List<AgentGrant.Certificate> all = new ArrayList<>();
        for (AgentGrant.Certificate each : grant.certificates()) {
            if (Instant.parse(each.expires()).isAfter(clock.instant())) {
                all.add(each);
            }
        }
        all.add(new AgentGrant.Certificate(
                serial(issued), issued.getNotAfter().toInstant().toString(), false));
        return all;
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
