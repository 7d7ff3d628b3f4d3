package io.tributary.collector.query;

import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A place in the order of readings: device, time on the axis, event time, channel, type; all descending but the device
 * when the order is. Where a page ended, the next one goes on behind it, whatever was stored in between.
 */
public record Position(String device, long timeNs, long eventTimeNs, String channel, ValueType type) {
    /** Names hold no control characters. */
    private static final String SEPARATOR = "\n";

    static Position of(ReadingRow row, Axis axis) {
        return new Position(
                row.device(),
                row.timeNs(axis),
                row.eventTimeNs(),
                row.channel().name(),
                row.channel().type());
    }

    /** Order within a device, ascending. */
    static int compare(ReadingRow a, ReadingRow b, Axis axis) {
        return compare(
                a.timeNs(axis),
                a.eventTimeNs(),
                a.channel().name(),
                a.channel().type(),
                b.timeNs(axis),
                b.eventTimeNs(),
                b.channel().name(),
                b.channel().type());
    }

    /** True when a row of this device comes behind this place. */
    boolean isBefore(ReadingRow row, Axis axis, boolean ascending) {
        int order = compare(
                timeNs,
                eventTimeNs,
                channel,
                type,
                row.timeNs(axis),
                row.eventTimeNs(),
                row.channel().name(),
                row.channel().type());
        return ascending ? order < 0 : order > 0;
    }

    private static int compare(
            long timeA,
            long eventA,
            String channelA,
            ValueType typeA,
            long timeB,
            long eventB,
            String channelB,
            ValueType typeB) {
        int order = Long.compare(timeA, timeB);
        order = order != 0 ? order : Long.compare(eventA, eventB);
        order = order != 0 ? order : channelA.compareTo(channelB);
        return order != 0 ? order : typeA.compareTo(typeB);
    }

    /** Opaque to clients, safe in a URL. */
    public String token() {
        String text =
                String.join(SEPARATOR, device, Long.toString(timeNs), Long.toString(eventTimeNs), channel, type.name());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws QueryException invalid, when this is no token */
    public static Position parse(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            String[] parts = text.split(SEPARATOR, -1);
            if (parts.length == 5) {
                return new Position(
                        parts[0],
                        Long.parseLong(parts[1]),
                        Long.parseLong(parts[2]),
                        parts[3],
                        ValueType.valueOf(parts[4]));
            }
        } catch (IllegalArgumentException e) {
            throw notAToken(token);
        }
        throw notAToken(token);
    }

    static QueryException notAToken(String token) {
        String shown = token.length() > 40 ? token.substring(0, 40) + "…" : token;
        return QueryException.invalid(
                "next is \"" + shown.replaceAll("\\p{Cntrl}", "?") + "\", expected the \"next\" of an earlier answer");
    }
}
