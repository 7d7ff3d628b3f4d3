package io.tributary.agent.process;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is kept of one series that a rule matches. Guarded by its {@link Processing}. */
final class SeriesState {
    private boolean known;
    private long lastNs;
    private ValueType lastType = ValueType.DOUBLE;
    private long lastBits;
    private String lastText = "";
    private int lastQuality;

    @Nullable
    OpenWindow window;

    /** Whether windows of it have valid names; null before it was looked at. */
    @Nullable
    Boolean canName;

    /** The next reading passes: the outbox may not have the last one. */
    void forget() {
        known = false;
        lastText = "";
    }

    /**
     * What a rule's filters make of a reading; what passes becomes the last value, unless it is late.
     *
     * @return {@link Effect#PASSED}, {@link Effect#LATE}, {@link Effect#OVERDUE}, or why it is suppressed
     */
    Effect filter(ProcessRule rule, Channel channel, long bits, String text, int quality, long eventNs) {
        if (!known || quality != lastQuality || channel.type() != lastType) {
            remember(channel, bits, text, quality, eventNs);
            return Effect.PASSED;
        }
        long since = eventNs - lastNs;
        if (eventNs < lastNs) {
            return Effect.LATE;
        }
        Duration most = rule.maxInterval();
        if (most != null && since >= most.toNanos()) {
            remember(channel, bits, text, quality, eventNs);
            return Effect.OVERDUE;
        }
        boolean number = channel.type() == ValueType.DOUBLE || channel.type() == ValueType.LONG;
        boolean same = bits == lastBits && text.equals(lastText);
        if (rule.onChange() && same) {
            return Effect.UNCHANGED;
        }
        ProcessRule.Deadband deadband = rule.deadband();
        if (deadband != null
                && (same || (number && deadband.holds(number(channel, bits), number(channel, lastBits))))) {
            return Effect.WITHIN_DEADBAND;
        }
        Duration least = rule.minInterval();
        if (least != null && since < least.toNanos()) {
            return Effect.TOO_SOON;
        }
        remember(channel, bits, text, quality, eventNs);
        return Effect.PASSED;
    }

    private void remember(Channel channel, long bits, String text, int quality, long eventNs) {
        known = true;
        lastNs = eventNs;
        lastType = channel.type();
        lastBits = bits;
        lastText = text;
        lastQuality = quality;
    }

    static double number(Channel channel, long bits) {
        return channel.type() == ValueType.DOUBLE ? Double.longBitsToDouble(bits) : bits;
    }
}
