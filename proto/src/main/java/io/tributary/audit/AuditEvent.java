package io.tributary.audit;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that somebody did, or was kept from doing. Never holds a secret.
 *
 * @param who {@code agent NAME}, {@code token NAME}, {@code address HOST}, {@code operator} for the command line
 * @param action a word of a fixed set, such as {@code agent-enrolled}
 * @param allowed false when it was refused
 * @param details value by name, for people
 */
public record AuditEvent(String who, String action, boolean allowed, Map<String, String> details) {
    public AuditEvent {
        details = Collections.unmodifiableMap(new TreeMap<>(details));
    }

    public static AuditEvent allowed(String who, String action, Map<String, String> details) {
        return new AuditEvent(who, action, true, details);
    }

    public static AuditEvent refused(String who, String action, Map<String, String> details) {
        return new AuditEvent(who, action, false, details);
    }
}
