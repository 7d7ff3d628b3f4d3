package io.tributary.agent;

import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sources that run, and what they were configured with. A change restarts those that differ and leaves the others to
 * their devices.
 */
final class SourceSet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceSet.class);

    private final SourceContext context;

    // Guarded by this.
    private final Map<SourceConfig, Source> running = new LinkedHashMap<>();
    private boolean closed;

    SourceSet(SourceContext context) {
        this.context = context;
    }

    /** @throws IOException what a source cannot open or bind; those before it run */
    synchronized void start(List<SourceConfig> configs) throws IOException {
        for (SourceConfig each : configs) {
            Source source = each.open(context);
            try {
                source.start();
            } catch (IOException e) {
                source.close();
                throw e;
            }
            running.put(each, source);
        }
    }

    /**
     * Runs these and no others: what is not among them ends first, as a changed source mostly wants the same port.
     *
     * @throws IOException what cannot be opened or bound; the sources are those of before then, as far as they start again
     */
    synchronized void replace(List<SourceConfig> configs) throws IOException {
        if (closed) {
            throw new IOException("the agent is shutting down");
        }
        List<SourceConfig> before = List.copyOf(running.keySet());
        stopAllBut(configs);
        try {
            start(missing(configs));
        } catch (IOException e) {
            stopAllBut(before);
            for (SourceConfig each : missing(before)) {
                try {
                    start(List.of(each));
                } catch (IOException again) {
                    LOG.error("source {} does not run again: {}", each.name(), again.getMessage());
                    e.addSuppressed(again);
                }
            }
            throw e;
        }
    }

    private List<SourceConfig> missing(List<SourceConfig> configs) {
        List<SourceConfig> missing = new ArrayList<>(configs);
        missing.removeAll(running.keySet());
        return missing;
    }

    private void stopAllBut(List<SourceConfig> kept) {
        for (SourceConfig each : List.copyOf(running.keySet())) {
            if (!kept.contains(each)) {
                Source source = running.remove(each);
                if (source != null) {
                    source.close();
                }
            }
        }
    }

    synchronized List<Source> sources() {
        return List.copyOf(running.values());
    }

    /** Those that devices can be commanded through. */
    List<CommandSink> commandSinks() {
        List<CommandSink> sinks = new ArrayList<>();
        for (Source each : sources()) {
            if (each instanceof CommandSink sink) {
                sinks.add(sink);
            }
        }
        return sinks;
    }

    /** The last one first. May be called twice. */
    @Override
    public synchronized void close() {
        closed = true;
        List<Source> all = new ArrayList<>(running.values());
        running.clear();
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
    }
}
