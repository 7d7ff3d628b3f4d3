package io.tributary.agent.source;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.decode.DecodeMetrics;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.RebirthListener;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** What a source gets of the agent around it. Used by {@code main}'s thread while it wires. */
public final class SourceContext {
    private final String agent;
    private final Intake intake;
    private final Clock clock;
    private final RandomGenerator random;
    private final Path directory;
    private final SourceGuard guard;
    private final PrometheusRegistry registry;
    private final Map<Class<?>, Object> metrics = new HashMap<>();

    /**
     * @param agent the agent's ID
     * @param directory where a source may keep what has to outlive the agent, next to the outbox; the agent's alone, maybe
     *     not there yet
     * @param guard asks callers of listeners who they are, and tells whom they refused
     */
    public SourceContext(
            String agent,
            Intake intake,
            Clock clock,
            RandomGenerator random,
            Path directory,
            SourceGuard guard,
            PrometheusRegistry registry) {
        this.agent = agent;
        this.intake = intake;
        this.clock = clock;
        this.random = random;
        this.directory = directory;
        this.guard = guard;
        this.registry = registry;
    }

    public String agent() {
        return agent;
    }

    public Intake intake() {
        return intake;
    }

    public Clock clock() {
        return clock;
    }

    public RandomGenerator random() {
        return random;
    }

    public Path directory() {
        return directory;
    }

    public SourceGuard guard() {
        return guard;
    }

    /** The metrics that all sources of a kind share: made with the first of them, so that others cost nothing. */
    public <M> M metrics(Class<M> type, Function<PrometheusRegistry, M> made) {
        return type.cast(metrics.computeIfAbsent(type, absent -> made.apply(registry)));
    }

    /** For {@link io.tributary.agent.decode.DecoderConfig#open}. */
    public DecoderContext decoding(String source, RebirthListener rebirth) {
        return new DecoderContext(source, clock, metrics(DecodeMetrics.class, DecodeMetrics::new), rebirth);
    }
}
