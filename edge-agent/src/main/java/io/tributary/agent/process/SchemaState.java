package io.tributary.agent.process;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Types and units of the series that were heard of, bounded. Guarded by its {@link SchemaGuard}. */
final class SchemaState {
    private final SchemaOptions options;
    private final SchemaMetrics metrics;
    private final Consumer<Supplier<String>> tell;
    private final LinkedHashMap<SeriesStates.Key, Known> series = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Known {
        ValueType type;
        String unit;
        final boolean declared;
        /** So that a change that is not accepted is one event, not one per message. */
        @Nullable
        Channel refused;

        Known(ValueType type, String unit, boolean declared) {
            this.type = type;
            this.unit = unit;
            this.declared = declared;
        }
    }

    /** What is to be done with the readings of a channel. */
    enum Action {
        ACCEPT,
        CONVERT,
        DEAD_LETTER
    }

    /**
     * @param event why; empty when nothing is to be said
     * @param target for {@link Action#CONVERT}
     * @param unit for {@link Action#CONVERT}, when units differ
     */
    record Verdict(Action action, String event, String detail, Channel target, Units.@Nullable Conversion unit) {}

    SchemaState(SchemaOptions options, SchemaMetrics metrics, Consumer<Supplier<String>> tell) {
        this.options = options;
        this.metrics = metrics;
        this.tell = tell;
    }

    int size() {
        return series.size();
    }

    Verdict judge(String source, String device, Channel channel) {
        SeriesStates.Key key = new SeriesStates.Key(device, channel.name());
        Known known = series.get(key);
        if (known == null) {
            known = met(source, key, channel);
            if (known == null) {
                return new Verdict(
                        Action.DEAD_LETTER,
                        "unknown-channel",
                        "channel \"" + channel.name() + "\" of \"" + device + "\" matches none of schema.channels",
                        channel,
                        null);
            }
        }
        if (known.unit.isEmpty() && !channel.unit().isEmpty()) {
            known.unit = channel.unit();
        }
        boolean otherUnit = !channel.unit().isEmpty() && !channel.unit().equals(known.unit);
        if (channel.type() == known.type && !otherUnit) {
            known.refused = null;
            return new Verdict(Action.ACCEPT, "", "", channel, null);
        }
        return changed(source, device, channel, known, otherUnit);
    }

    /** @return null when it is unknown and not accepted; it is not kept then, so that hostile names cost nothing */
    private @Nullable Known met(String source, SeriesStates.Key key, Channel channel) {
        Known known = null;
        for (SchemaOptions.Declared declared : options.channels()) {
            if (declared.channel().matches(key.channel()) && declared.device().matches(key.device())) {
                ValueType type = declared.type();
                known = new Known(
                        type == null ? channel.type() : type,
                        declared.unit().isEmpty() ? channel.unit() : declared.unit(),
                        type != null || !declared.unit().isEmpty());
                break;
            }
        }
        if (known == null) {
            if (!options.channels().isEmpty()) {
                metrics.events.labelValues(source, "unknown-channel").inc();
                tell.accept(() -> "channel \"" + key.channel() + "\" of \"" + key.device()
                        + "\" matches none of schema.channels");
            }
            if (options.unknownChannel() == SchemaOptions.UnknownPolicy.DEAD_LETTER) {
                return null;
            }
            known = new Known(channel.type(), channel.unit(), false);
        }
        metrics.events.labelValues(source, "new-channel").inc();
        series.put(key, known);
        if (series.size() > options.seriesMax()) {
            Iterator<SeriesStates.Key> oldest = series.keySet().iterator();
            oldest.next();
            oldest.remove();
            metrics.forgotten.inc();
        }
        return known;
    }

    private Verdict changed(String source, String device, Channel channel, Known known, boolean otherUnit) {
        boolean otherType = channel.type() != known.type;
        String event = otherType ? "type-change" : "unit-change";
        String detail = "channel \"" + channel.name() + "\" of \"" + device + "\" is "
                + shown(channel.type(), channel.unit()) + ", expected " + shown(known.type, known.unit);
        if (!channel.equals(known.refused)) {
            metrics.events.labelValues(source, event).inc();
            tell.accept(() -> detail);
        }
        SchemaOptions.ChangePolicy ofType = otherType ? options.typeChange() : SchemaOptions.ChangePolicy.ACCEPT;
        SchemaOptions.ChangePolicy ofUnit = otherUnit ? options.unitChange() : SchemaOptions.ChangePolicy.ACCEPT;
        if (ofType == SchemaOptions.ChangePolicy.ACCEPT && ofUnit == SchemaOptions.ChangePolicy.ACCEPT) {
            accept(known, channel, otherUnit);
            return new Verdict(Action.ACCEPT, event, detail, channel, null);
        }
        known.refused = channel;
        boolean convertsUnit = ofUnit == SchemaOptions.ChangePolicy.CONVERT;
        Units.Conversion unit = convertsUnit ? Units.between(channel.unit(), known.unit) : null;
        if (ofType == SchemaOptions.ChangePolicy.DEAD_LETTER
                || ofUnit == SchemaOptions.ChangePolicy.DEAD_LETTER
                || (convertsUnit && unit == null)) {
            return new Verdict(Action.DEAD_LETTER, event, detail, channel, null);
        }
        ValueType type = ofType == SchemaOptions.ChangePolicy.CONVERT ? known.type : channel.type();
        String unitName = convertsUnit ? known.unit : channel.unit();
        return new Verdict(Action.CONVERT, event, detail, new Channel(channel.name(), type, unitName), unit);
    }

    /** The change is what counts from here on, except where the configuration says what is right. */
    private static void accept(Known known, Channel channel, boolean otherUnit) {
        if (known.declared) {
            known.refused = channel;
        } else {
            known.refused = null;
            known.type = channel.type();
            known.unit = otherUnit ? channel.unit() : known.unit;
        }
    }

    private static String shown(ValueType type, String unit) {
        String name = type.name().toLowerCase(java.util.Locale.ROOT);
        return unit.isEmpty() ? name : name + " in " + unit;
    }
}
