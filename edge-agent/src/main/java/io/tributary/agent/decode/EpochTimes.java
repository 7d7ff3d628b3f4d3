package io.tributary.agent.decode;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times in payloads to ns since 1970, exactly: decimal fractions are not sent through doubles. */
final class EpochTimes {
    /** Longest number or date-time that is looked at. */
    private static final int CHARACTERS_MAX = 64;

    private static final double SECONDS_BELOW = 1e11;
    private static final double MILLIS_BELOW = 1e14;
    private static final double MICROS_BELOW = 1e17;
    /** Digits before the point that a long can have. */
    private static final int WHOLE_DIGITS_MAX = 19;

    /** RFC 3339, and what is written in its place: a blank for the T, no seconds, {@code +0100}. */
    private static final DateTimeFormatter DATE_TIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HHmm", "Z")
            .optionalEnd()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT)
            .withChronology(IsoChronology.INSTANCE);

    private EpochTimes() {}

    /**
     * @param zone of date-times without an offset; null: they are malformed
     * @throws MalformedException when it is no time, or one outside the years 1677 to 2262
     */
    static long ns(String text, TimeFormat format, @Nullable ZoneId zone) throws MalformedException {
        boolean number = format != TimeFormat.RFC3339 && ValueTexts.isNumber(text);
        if (!number && format != TimeFormat.AUTO && format != TimeFormat.RFC3339) {
            throw new MalformedException("time is \"" + ValueTexts.shown(text) + "\", expected a number");
        }
        return number ? numberNs(text, format) : dateTimeNs(text, zone);
    }

    private static long numberNs(String text, TimeFormat format) throws MalformedException {
        BigDecimal number = Decimals.parse(text);
        return switch (format) {
            case S -> ns(number, 9);
            case MS -> ns(number, 6);
            case US -> ns(number, 3);
            case NS -> ns(number, 0);
            default -> ns(number, scale(Math.abs(number.doubleValue())));
        };
    }

    private static int scale(double size) {
        if (size < SECONDS_BELOW) {
            return 9;
        } else if (size < MILLIS_BELOW) {
            return 6;
        }
        return size < MICROS_BELOW ? 3 : 0;
    }

    /** @param scale 9 for seconds, 0 for nanoseconds; what is finer than a nanosecond is rounded */
    static long ns(BigDecimal time, int scale) throws MalformedException {
        long wholeDigits = (long) time.precision() - time.scale() + scale; // before it is expanded
        if (time.signum() == 0) {
            return 0;
        }
        if (wholeDigits <= WHOLE_DIGITS_MAX && wholeDigits >= -CHARACTERS_MAX) {
            BigDecimal ns = time.scaleByPowerOfTen(scale).setScale(0, RoundingMode.HALF_EVEN);
            if (ns.toBigInteger().bitLength() < Long.SIZE && ns.longValue() != Long.MIN_VALUE) {
                return ns.longValue();
            }
        } else if (wholeDigits < 0) {
            return 0;
        }
        throw new MalformedException("time " + ValueTexts.shown(time.toString()) + " is beyond the years 1677 to 2262");
    }

    private static long dateTimeNs(String text, @Nullable ZoneId zone) throws MalformedException {
        if (text.length() <= CHARACTERS_MAX) {
            String iso = text.length() > 10 && text.charAt(10) == ' '
                    ? text.substring(0, 10) + 'T' + text.substring(11)
                    : text;
            try {
                TemporalAccessor parsed = DATE_TIME.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
                if (parsed instanceof OffsetDateTime time) {
                    return ns(time.toInstant());
                } else if (zone != null) {
                    return ns(((LocalDateTime) parsed).atZone(zone).toInstant());
                }
                throw new MalformedException("time is \"" + ValueTexts.shown(text)
                        + "\", expected an offset (Z, +01:00) behind it, or a zone in the configuration");
            } catch (DateTimeException e) {
                throw new MalformedException("time is \"" + ValueTexts.shown(text)
                        + "\", expected a date-time like 2026-02-03T04:05:06.789Z");
            }
        }
        throw new MalformedException("time is \"" + ValueTexts.shown(text) + "\", expected a number or a date-time");
    }

    private static long ns(Instant instant) throws MalformedException {
        try {
            long ns = Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
            if (ns != Long.MIN_VALUE) {
                return ns;
            }
        } catch (ArithmeticException e) {
            throw beyond(instant);
        }
        throw beyond(instant);
    }

    private static MalformedException beyond(Instant instant) {
        return new MalformedException("time " + instant.atOffset(ZoneOffset.UTC) + " is beyond the years 1677 to 2262");
    }
}
