package io.tributary.agent.process;

import io.tributary.agent.clock.Clock;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.Arrays;
import java.util.List;

/** Looks at every reading of a batch with the eyes of the first rule that matches it. */
final class Planner {
    private static final int NONE = -1;
    private static final int UNKNOWN = -2;

    private final List<ProcessRule> rules;
    private final SeriesStates states;
    private final Clock clock;

    Planner(List<ProcessRule> rules, SeriesStates states, Clock clock) {
        this.rules = List.copyOf(rules);
        this.states = states;
        this.clock = clock;
    }

    /** Whether any rule matches anything of it. Any thread. */
    boolean concerns(String source, Batch batch) {
        if (rules.isEmpty()) {
            return false;
        }
        for (Table table : batch.tables()) {
            for (int device : table.runDevice()) {
                for (int channel : table.channels()) {
                    if (ruleOf(
                                    source,
                                    batch.devices().get(device),
                                    batch.channels().get(channel))
                            != NONE) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private int ruleOf(String source, Device device, Channel channel) {
        for (int i = 0; i < rules.size(); i++) {
            ProcessRule rule = rules.get(i);
            if (rule.channel().matches(channel.name())
                    && rule.device().matches(device.id())
                    && rule.source().matches(source)) {
                return i;
            }
        }
        return NONE;
    }

    /** Under the lock: last values change. */
    Plan plan(String source, Batch batch) {
        Plan plan = new Plan(rules);
        Walk walk = new Walk(source, batch, plan);
        walk.run();
        return plan.built();
    }

    /** One batch at hand. */
    private final class Walk {
        private final String source;
        private final Plan plan;
        private final ReadingCursor cursor;
        private final BatchBuilder builder;
        private final int[] ruleOf;
        private final int channels;
        private final long arrivalNs = clock.wallNs();
        private boolean rowOpen;

        Walk(String source, Batch batch, Plan plan) {
            this.source = source;
            this.plan = plan;
            this.cursor = new ReadingCursor(batch);
            this.builder = plan.builder();
            this.channels = batch.channels().size();
            this.ruleOf = new int[batch.devices().size() * channels];
            Arrays.fill(ruleOf, UNKNOWN);
        }

        void run() {
            while (cursor.next()) {
                rowOpen &= !cursor.startsRow();
                int rule = rule();
                if (rule == NONE) {
                    pass(cursor.channel(), cursor.bits(), cursor.quality());
                } else {
                    apply(rule, rules.get(rule));
                }
            }
        }

        private int rule() {
            int pair = cursor.deviceIndex() * channels + cursor.channelIndex();
            if (ruleOf[pair] == UNKNOWN) {
                ruleOf[pair] = Planner.this.ruleOf(source, cursor.device(), cursor.channel());
            }
            return ruleOf[pair];
        }

        private void pass(Channel channel, long bits, int quality) {
            if (!rowOpen) {
                builder.row(cursor.device(), cursor.eventNs(), cursor.edgeNs());
                rowOpen = true;
            }
            ReadingCursor.set(builder, channel, bits, cursor.text(), quality);
        }

        private void apply(int index, ProcessRule rule) {
            Channel came = cursor.channel();
            long bits = cursor.bits();
            int quality = cursor.quality();
            boolean number = came.type() == ValueType.DOUBLE || came.type() == ValueType.LONG;
            Channel channel = came;
            if (number && rule.scales()) {
                bits = Double.doubleToRawLongBits(SeriesState.number(came, bits) * rule.scale() + rule.offset());
                channel = new Channel(came.name(), ValueType.DOUBLE, rule.unit().isEmpty() ? came.unit() : rule.unit());
                plan.count(index, Effect.SCALED);
            } else if (!rule.unit().isEmpty() && !rule.unit().equals(came.unit())) {
                channel = new Channel(came.name(), came.type(), rule.unit());
                plan.count(index, Effect.SCALED);
            }
            ProcessRule.Plausible plausible = rule.plausible();
            if (number && plausible != null && !plausible.contains(SeriesState.number(channel, bits))) {
                if (plausible.otherwise() == ProcessRule.Otherwise.DROP) {
                    plan.count(index, Effect.DROPPED);
                    return;
                }
                quality = quality == Quality.GOOD ? Quality.UNCERTAIN_RANGE : quality;
                plan.count(index, Effect.MARKED);
            }
            select(index, rule, channel, bits, quality);
        }

        private void select(int index, ProcessRule rule, Channel channel, long bits, int quality) {
            ProcessRule.Window window = rule.window();
            long eventNs = cursor.eventNs() == Table.STAMP_ON_ARRIVAL ? arrivalNs : cursor.eventNs();
            if (window != null) {
                window(index, window, channel, bits, quality, eventNs);
                return;
            }
            if (rule.filters()) {
                SeriesState state = states.get(key());
                Effect effect = state.filter(rule, channel, bits, cursor.text(), quality, eventNs);
                if (!effect.cause.isEmpty()) {
                    plan.count(index, effect);
                    return;
                }
                if (effect != Effect.PASSED) {
                    plan.count(index, effect);
                }
                plan.remembers(state);
            }
            plan.count(index, Effect.PASSED);
            pass(channel, bits, quality);
        }

        /** Bad readings, texts and bools, and numbers of windows that are over go on as they are. */
        private void window(
                int index, ProcessRule.Window window, Channel channel, long bits, int quality, long eventNs) {
            boolean number = channel.type() == ValueType.DOUBLE || channel.type() == ValueType.LONG;
            SeriesState state = states.get(key());
            OpenWindow open = state.window;
            boolean late = open != null && OpenWindow.start(window, eventNs) < open.startNs();
            if (state.canName == null) {
                state.canName = OpenWindow.canName(window, channel);
            }
            if (!number || late || quality >= Quality.BAD || !state.canName) {
                plan.count(index, Effect.WINDOW_BYPASSED);
                plan.count(index, Effect.PASSED);
                pass(channel, bits, quality);
            } else {
                plan.count(index, Effect.WINDOWED);
                plan.sum(window, source, key(), cursor.device(), channel, bits, quality, eventNs);
            }
        }

        private SeriesStates.Key key() {
            return new SeriesStates.Key(cursor.device().id(), cursor.channel().name());
        }
    }
}
