package io.tributary.collector.query;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A place in the order of windows: group, channel, unit, start. Where a page ended, the next one goes on behind it.
 *
 * @param group device ID or tag value; null without grouping, and for devices without the tag
 */
public record WindowPosition(@Nullable String group, String channel, String unit, long startNs) {
    /** Names hold no control characters. */
    private static final String SEPARATOR = "\n";

    private static final String GROUP = "g";
    private static final String NO_GROUP = "n";

    /** Opaque to clients, safe in a URL. */
    public String token() {
        String text =
                String.join(SEPARATOR, group == null ? NO_GROUP : GROUP + group, channel, unit, Long.toString(startNs));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws QueryException invalid, when this is no token */
    public static WindowPosition parse(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            String[] parts = text.split(SEPARATOR, -1);
            boolean grouped = parts[0].startsWith(GROUP);
            if (parts.length == 4 && (grouped || parts[0].equals(NO_GROUP))) {
                String group = grouped ? parts[0].substring(GROUP.length()) : null;
                return new WindowPosition(group, parts[1], parts[2], Long.parseLong(parts[3]));
            }
        } catch (IllegalArgumentException e) {
            throw Position.notAToken(token);
        }
        throw Position.notAToken(token);
    }
}
