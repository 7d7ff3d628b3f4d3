package io.tributary.collector.security;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents may do, as of the last second: the files are looked at again after that. Holds those of connected agents
 * only, as unknown names are not kept. Any thread.
 */
public final class GrantReader {
    private static final Logger LOG = LoggerFactory.getLogger(GrantReader.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final GrantFiles files;
    private final LongSupplier nanoTime;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(AgentGrant grant, String stamp, long lookedNanos) {}

    public GrantReader(SecurityDirectory directory, LongSupplier nanoTime) {
        this.files = new GrantFiles(directory);
        this.nanoTime = nanoTime;
    }

    /** Null for an agent that is not enrolled. A file that cannot be read grants nothing. */
    public @Nullable AgentGrant grant(String agent) {
        long now = nanoTime.getAsLong();
        Seen last = seen.get(agent);
        if (last != null && now - last.lookedNanos() < LOOK_NANOS) {
            return last.grant();
        }
        try {
            String stamp = files.stamp(agent);
            AgentGrant grant = last != null && last.stamp().equals(stamp) ? last.grant() : files.read(agent);
            if (grant == null) {
                seen.remove(agent);
                return null;
            }
            seen.put(agent, new Seen(grant, stamp, now));
            return grant;
        } catch (IOException e) {
            LOG.error("what agent {} may do cannot be read, so it may do nothing: {}", agent, e.getMessage());
            seen.remove(agent);
            return null;
        }
    }
}
