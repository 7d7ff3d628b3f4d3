package io.tributary.access;

import io.tributary.config.Default;
import io.tributary.config.YamlText;
import io.tributary.model.Names;
import io.tributary.model.Wildcards;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A token of the HTTP API and of gRPC queries; a file of {@code tokens/}.
 *
 * @param hash SHA-256 of the token, base64url
 * @param devices globs of the devices it may see or write; all when it is empty
 * @param expires ISO 8601; null for never
 */
public record AccessToken(
        String name,
        String hash,
        Role role,
        @Default("[]") List<String> devices,
        @Nullable String expires) {
    public AccessToken {
        Names.check("token name", name);
        devices.forEach(glob -> Names.check("device glob", glob));
        if (expires != null) {
            Instant.parse(expires);
        }
    }

    boolean isValid(Instant now) {
        return expires == null || now.isBefore(Instant.parse(expires));
    }

    /** True when the device is in its scope. */
    public boolean maySee(String device) {
        if (devices.isEmpty()) {
            return true;
        }
        for (String glob : devices) {
            if (Wildcards.matches(glob, device)) {
                return true;
            }
        }
        return false;
    }

    String yaml() {
        return new YamlText()
                .put("name", name)
                .put("hash", hash)
                .put("role", role.name().toLowerCase(Locale.ROOT))
                .put("devices", devices)
                .put("expires", expires)
                .toString();
    }
}
