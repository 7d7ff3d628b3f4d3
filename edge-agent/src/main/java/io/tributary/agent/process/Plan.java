package io.tributary.agent.process;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the rules make of one batch. Written and summed up under the lock of its {@link Processing}. */
final class Plan {
    private final List<ProcessRule> rules;
    private final BatchBuilder builder = new BatchBuilder();
    /** By rule. */
    private final List<Map<Effect, long[]>> effects = new ArrayList<>();

    private final List<SeriesState> remembered = new ArrayList<>();
    private final List<Sum> sums = new ArrayList<>();
    private @Nullable Batch passing;

    /** A number that belongs into a window. */
    private record Sum(
            ProcessRule.Window rule,
            String source,
            SeriesStates.Key key,
            Device device,
            Channel channel,
            long bits,
            int quality,
            long eventNs) {}

    Plan(List<ProcessRule> rules) {
        this.rules = rules;
        for (int i = 0; i < rules.size(); i++) {
            effects.add(new EnumMap<>(Effect.class));
        }
    }

    BatchBuilder builder() {
        return builder;
    }

    void count(int rule, Effect effect) {
        effects.get(rule).computeIfAbsent(effect, first -> new long[1])[0]++;
    }

    /** The state now holds a value that the outbox has not. */
    void remembers(SeriesState state) {
        remembered.add(state);
    }

    void sum(
            ProcessRule.Window rule,
            String source,
            SeriesStates.Key key,
            Device device,
            Channel channel,
            long bits,
            int quality,
            long eventNs) {
        sums.add(new Sum(rule, source, key, device, channel, bits, quality, eventNs));
    }

    Plan built() {
        passing = builder.build();
        return this;
    }

    /** What goes on to the outbox. */
    Batch passing() {
        if (passing == null) {
            throw new IllegalStateException("BUG: the plan is not built");
        }
        return passing;
    }

    boolean sumsUp() {
        return !sums.isEmpty();
    }

    void forget() {
        remembered.forEach(SeriesState::forget);
    }

    /** Makes the sums true; a number whose window was closed meanwhile goes on as it is. */
    void sumUp(SeriesStates states, long monotonicNs) {
        for (Sum each : sums) {
            SeriesState state = states.get(each.key());
            long start = OpenWindow.start(each.rule(), each.eventNs());
            OpenWindow window = state.window;
            if (window != null && start < window.startNs()) {
                states.emit(new Emission(
                        each.source(), each.device(), each.channel(), each.eventNs(), each.bits(), each.quality()));
                continue;
            }
            if (window == null || start > window.startNs() || !window.isOf(each.channel())) {
                states.close(state);
                window = new OpenWindow(each.rule(), each.source(), each.device(), each.channel(), start);
                state.window = window;
            }
            window.add(each.bits(), each.quality(), each.eventNs(), monotonicNs);
            states.counted(1);
        }
    }

    /** Makes the counts true. */
    void count(ProcessMetrics metrics, String source) {
        for (int rule = 0; rule < rules.size(); rule++) {
            String label = rules.get(rule).label();
            effects.get(rule).forEach((effect, count) -> {
                metrics.steps.labelValues(label, effect.step, effect.result).inc(count[0]);
                if (!effect.cause.isEmpty()) {
                    metrics.suppressed.labelValues(source, effect.cause).inc(count[0]);
                }
            });
        }
    }
}
