package io.tributary.sim.replay;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Text to event time, ns since the epoch in UTC. */
final class TimeParser {
    private final @Nullable DateTimeFormatter formatter;
    private final long epochNanos;
    private final ZoneId zone;

    TimeParser(Mapping.TimeMapping mapping) {
        formatter = mapping.pattern() == null ? null : formatter(mapping.pattern());
        epochNanos = mapping.epoch() == null ? 1 : mapping.epoch().nanos;
        zone = mapping.zone();
    }

    /** Parts of the time of day that the pattern does not have are zero. */
    static DateTimeFormatter formatter(String pattern) {
        String letters = pattern.replaceAll("'[^']*'", "");
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().appendPattern(pattern);
        boolean hasHour = letters.matches("(?s).*[HhKkAN].*");
        if (!hasHour) {
            builder.parseDefaulting(ChronoField.HOUR_OF_DAY, 0);
        }
        if (!letters.matches("(?s).*[mAN].*")) {
            builder.parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0);
        }
        if (!letters.matches("(?s).*[sAN].*")) {
            builder.parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0);
        }
        return builder.toFormatter(Locale.ENGLISH);
    }

    /** @throws IllegalArgumentException saying what is wrong */
    long parse(String text) {
        try {
            return formatter == null ? number(text) : calendar(text, formatter);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("is outside the years 1678 to 2261", e);
        }
    }

    private long number(String text) {
        try {
            if (text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
                return Math.multiplyExact(Long.parseLong(text), epochNanos);
            }
            return new BigDecimal(text)
                    .multiply(BigDecimal.valueOf(epochNanos))
                    .setScale(0, RoundingMode.HALF_EVEN)
                    .longValueExact();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("is no number since 1970", e);
        }
    }

    private long calendar(String text, DateTimeFormatter format) {
        try {
            TemporalAccessor time = format.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
            Instant instant = time instanceof OffsetDateTime fixed
                    ? fixed.toInstant()
                    : ((LocalDateTime) time).atZone(zone).toInstant();
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("is no such time", e);
        }
    }
}
