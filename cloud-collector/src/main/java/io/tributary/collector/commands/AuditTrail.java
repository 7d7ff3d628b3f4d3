package io.tributary.collector.commands;

import java.io.IOException;
import java.util.Map;

/** Where it is written down who wanted what, before it happens. Any thread. */
public interface AuditTrail {
    /**
     * @param who asked for it, or {@code agent NAME}
     * @param action a word of a fixed set, such as {@code command-submitted}
     * @throws IOException it cannot be written: what it tells of must not happen then
     */
    void append(String who, String action, Map<String, String> details) throws IOException;
}
