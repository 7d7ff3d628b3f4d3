package io.tributary.agent.process;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A batch, split by verdicts: what goes on, some of it converted, and what becomes dead letters. */
final class SchemaSplit {
    /** Below what the dead letter area keeps of each by default, so that none is cut. */
    private static final int LETTER_BYTES_MAX = 48 << 10;

    private static final long EXACT_WHOLE_MAX = 1L << 53;

    private final Batch passing;
    private final List<Letter> letters = new ArrayList<>();
    private final Map<String, Map<String, Long>> counts = new TreeMap<>();
    private StringBuilder lines = new StringBuilder();
    private String detail = "";

    /** @param payload the readings, as line protocol with the tag {@code device} and times in ns */
    record Letter(String detail, byte[] payload) {}

    SchemaSplit(Batch batch, SchemaGuard.Verdicts verdicts) {
        BatchBuilder builder = new BatchBuilder();
        ReadingCursor cursor = new ReadingCursor(batch);
        boolean rowOpen = false;
        while (cursor.next()) {
            rowOpen &= !cursor.startsRow();
            SchemaState.Verdict verdict = verdicts.at(cursor.deviceIndex(), cursor.channelIndex());
            Value value = value(cursor, verdict);
            if (value == null) {
                refuse(cursor, verdict);
                continue;
            }
            if (!rowOpen) {
                builder.row(cursor.device(), cursor.eventNs(), cursor.edgeNs());
                rowOpen = true;
            }
            ReadingCursor.set(builder, value.channel(), value.bits(), value.text(), cursor.quality());
            if (verdict != null && verdict.action() == SchemaState.Action.CONVERT) {
                counted(verdict.event(), "converted");
            }
        }
        passing = builder.build();
        closeLetter();
    }

    /** A value as it goes on. */
    private record Value(Channel channel, long bits, String text) {}

    Batch passing() {
        return passing;
    }

    List<Letter> letters() {
        return letters;
    }

    void count(SchemaMetrics metrics, String source) {
        counts.forEach((event, actions) -> actions.forEach((action, count) ->
                metrics.readings.labelValues(source, event, action).inc(count)));
    }

    private void counted(String event, String action) {
        counts.computeIfAbsent(event, key -> new TreeMap<>()).merge(action, 1L, Long::sum);
    }

    private static @Nullable Value value(ReadingCursor cursor, SchemaState.@Nullable Verdict verdict) {
        Channel came = cursor.channel();
        if (verdict == null || verdict.action() == SchemaState.Action.ACCEPT) {
            return new Value(came, cursor.bits(), cursor.text());
        } else if (verdict.action() == SchemaState.Action.DEAD_LETTER) {
            return null;
        }
        Channel target = verdict.target();
        Units.Conversion unit = verdict.unit();
        if (unit == null) {
            return converted(target, came.type(), cursor.bits(), cursor.text());
        }
        Double number = number(came.type(), cursor.bits(), cursor.text());
        return number == null
                ? null
                : converted(target, ValueType.DOUBLE, Double.doubleToRawLongBits(unit.apply(number)), "");
    }

    private static @Nullable Value converted(Channel target, ValueType from, long bits, String text) {
        if (from == target.type()) {
            return new Value(target, bits, text);
        }
        if (target.type() == ValueType.STRING) {
            return new Value(target, 0, shown(from, bits));
        }
        Double number = number(from, bits, text);
        if (number == null) {
            return null;
        }
        return switch (target.type()) {
            case DOUBLE ->
                from == ValueType.LONG && (bits > EXACT_WHOLE_MAX || bits < -EXACT_WHOLE_MAX)
                        ? null
                        : new Value(target, Double.doubleToRawLongBits(number), "");
            case LONG -> whole(target, number, text.strip());
            default -> number == 0 || number == 1 ? new Value(target, number == 1 ? 1 : 0, "") : null;
        };
    }

    private static @Nullable Value whole(Channel target, double number, String text) {
        if (text.matches("[-+]?\\d{1,18}")) {
            return new Value(target, Long.parseLong(text), "");
        }
        return number == Math.rint(number) && Math.abs(number) < EXACT_WHOLE_MAX
                ? new Value(target, (long) number, "")
                : null;
    }

    private static @Nullable Double number(ValueType type, long bits, String text) {
        return switch (type) {
            case DOUBLE -> Double.longBitsToDouble(bits);
            case LONG, BOOL -> (double) bits;
            case STRING -> parsed(text.strip());
        };
    }

    private static @Nullable Double parsed(String text) {
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return text.equalsIgnoreCase("true") ? 1.0 : 0.0;
        }
        // No hexadecimal, no NaN, and no suffix d, which Java would take.
        if (text.length() > 64 || !text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
            return null;
        }
        double number = Double.parseDouble(text);
        return Double.isFinite(number) ? number : null;
    }

    private static String shown(ValueType type, long bits) {
        return switch (type) {
            case DOUBLE -> Double.toString(Double.longBitsToDouble(bits));
            case BOOL -> bits != 0 ? "true" : "false";
            default -> Long.toString(bits);
        };
    }

    private void refuse(ReadingCursor cursor, SchemaState.@Nullable Verdict verdict) {
        String event = verdict == null ? "" : verdict.event();
        String why = verdict == null ? "" : verdict.event() + ": " + verdict.detail();
        String line = LineText.of(cursor);
        if (!lines.isEmpty() && lines.length() + line.length() > LETTER_BYTES_MAX / 3) { // 3 bytes a character, at most
            closeLetter();
        }
        detail = detail.isEmpty() || detail.equals(why)
                ? why
                : detail.endsWith(", and more") ? detail : detail + ", and more";
        lines.append(line);
        counted(event, "dead-letter");
    }

    private void closeLetter() {
        if (!lines.isEmpty()) {
            letters.add(new Letter(detail, lines.toString().getBytes(StandardCharsets.UTF_8)));
            lines = new StringBuilder();
            detail = "";
        }
    }
}
