package io.tributary.agent;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.AgentActions;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.Outcome;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.http.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** {@code reload} and {@code diagnostics}. */
final class OwnActions implements AgentActions {
    private final String agent;
    private final String version;
    private final Clock clock;
    private final long startedNs;
    private final Outbox outbox;
    private final SourceSet sources;
    private final Supplier<String> reload;

    /** @param reload reads the agent's file anew; returns what is wrong with it, empty when it is in effect */
    OwnActions(String agent, String version, Clock clock, Outbox outbox, SourceSet sources, Supplier<String> reload) {
        this.agent = agent;
        this.version = version;
        this.clock = clock;
        this.startedNs = clock.monotonicNs();
        this.outbox = outbox;
        this.sources = sources;
        this.reload = reload;
    }

    @Override
    public CommandResult run(String id, String action) {
        return switch (action) {
            case "diagnostics" -> result(id, Outcome.DONE, diagnostics());
            case "reload" -> {
                String fault = reload.get();
                yield fault.isEmpty()
                        ? result(id, Outcome.DONE, "the file is in effect")
                        : result(id, Outcome.FAILED, fault);
            }
            default -> result(id, Outcome.UNSUPPORTED, "action \"" + action + "\", expected reload or diagnostics");
        };
    }

    private CommandResult result(String id, Outcome outcome, String detail) {
        return new CommandResult(id, outcome, detail, clock.wallNs());
    }

    private String diagnostics() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            JsonWriter json = new JsonWriter(bytes);
            OutboxStats stats = outbox.stats();
            Runtime runtime = Runtime.getRuntime();
            json.beginObject();
            json.name("agent").value(agent);
            json.name("version").value(version);
            json.name("java").value(Runtime.version().toString());
            json.name("os").value(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
            json.name("uptime_seconds").value((clock.monotonicNs() - startedNs) / 1_000_000_000L);
            json.name("heap_bytes").value(runtime.totalMemory() - runtime.freeMemory());
            json.name("epoch").value(stats.epoch());
            json.name("queued_readings").value(stats.queuedReadings());
            json.name("queued_bytes").value(stats.queuedBytes());
            json.name("evicted_readings").value(stats.evictedReadings());
            json.name("dead_letters").value(stats.deadLetters());
            json.name("sources").beginObject();
            for (var source : sources.sources()) {
                json.name(source.name()).value(source.endpoint());
            }
            json.endObject().endObject();
            json.flush();
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("BUG: memory takes what is written", e);
        }
    }
}
