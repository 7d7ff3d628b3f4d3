package io.tributary.collector.security;

import io.tributary.collector.catalog.Glob;
import io.tributary.config.Default;
import io.tributary.config.YamlText;
import io.tributary.model.Names;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one agent may do; a file of {@code agents/}.
 *
 * @param devices globs of the device IDs it may write, at least one
 * @param invitation the token that has not been used up; null when there is none
 * @param revoked nothing of this agent is taken any more
 */
public record AgentGrant(
        String agent,
        List<String> devices,
        @Nullable Invitation invitation,
        @Default("[]") List<Certificate> certificates,
        @Default("false") boolean revoked) {
    public AgentGrant {
        Names.check("agent", agent);
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("devices is empty, expected at least one glob, \"*\" for all");
        }
        devices.forEach(glob -> Names.check("device glob", glob));
    }

    /**
     * A token that was handed out.
     *
     * @param hash of its secret
     * @param expires ISO 8601
     * @param usedBy hash of the public key that it was used with; the same key may ask again, as an answer can get lost
     */
    public record Invitation(
            String hash, String expires, @Nullable String usedBy) {
        public Invitation {
            Instant.parse(expires);
        }

        Instant expiresAt() {
            return Instant.parse(expires);
        }
    }

    /**
     * One that was issued.
     *
     * @param serial hexadecimal
     * @param expires ISO 8601
     */
    public record Certificate(
            String serial, String expires, @Default("false") boolean revoked) {
        public Certificate {
            Instant.parse(expires);
        }
    }

    /** True when the device is among those it may write. */
    public boolean mayWrite(String device) {
        for (String glob : devices) {
            if (new Glob(glob).matches(device)) {
                return true;
            }
        }
        return false;
    }

    String yaml() {
        YamlText yaml = new YamlText()
                .comment("Written by cloud-collector; devices may be edited.")
                .put("agent", agent)
                .put("devices", devices)
                .put("revoked", revoked);
        Invitation open = invitation;
        if (open != null) {
            yaml.begin("invitation")
                    .put("hash", open.hash())
                    .put("expires", open.expires())
                    .put("used-by", open.usedBy())
                    .end();
        }
        if (!certificates.isEmpty()) {
            yaml.begin("certificates");
            for (Certificate each : certificates) {
                yaml.element()
                        .put("serial", each.serial())
                        .put("expires", each.expires())
                        .put("revoked", each.revoked())
                        .end();
            }
            yaml.end();
        }
        return yaml.toString();
    }
}
