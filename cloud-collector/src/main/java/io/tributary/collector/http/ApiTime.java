package io.tributary.collector.http;

import io.tributary.collector.query.EpochNanos;
import io.tributary.config.Durations;
import io.tributary.http.ProblemException;
import io.tributary.http.TextOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as the API reads and writes them; inside they are ns since 1970. */
final class ApiTime {
    private static final String EXPECTED = "expected a time: RFC 3339 (2026-01-31T12:00:00Z), a date (2026-01-31),"
            + " milliseconds since 1970, now, or relative to now (-1h)";
    private static final Pattern MILLIS = Pattern.compile("-?[0-9]{1,16}");
    /** A plus sign in a query that was not percent-encoded arrives as a space. */
    private static final Pattern RELATIVE = Pattern.compile("(?:now)?([-+ ])([0-9][0-9a-z]{0,40})");

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern SPACE_FOR_PLUS = Pattern.compile(" (?=[0-9]{2}:[0-9]{2}$)");

    private static final long SECOND = 1_000_000_000L;
    private static final long DAY_SECONDS = 86_400;

    private ApiTime() {}

    /**
     * @param parameter whose value this is, for the message
     * @throws ProblemException 400
     */
    static long parse(String parameter, String text, Instant now) {
        try {
            return EpochNanos.of(instant(text, now));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw ProblemException.badParameter(parameter, text, EXPECTED);
        } catch (ArithmeticException e) {
            throw ProblemException.badParameter(parameter, text, "expected a time between the years 1678 and 2261");
        }
    }

    private static Instant instant(String text, Instant now) {
        if (text.equals("now")) {
            return now;
        }
        if (MILLIS.matcher(text).matches()) {
            return Instant.ofEpochMilli(Long.parseLong(text));
        }
        Matcher relative = RELATIVE.matcher(text);
        if (relative.matches()) {
            Duration distance = Durations.parse(relative.group(2));
            return relative.group(1).equals("-") ? now.minus(distance) : now.plus(distance);
        }
        if (DATE.matcher(text).matches()) {
            return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        }
        return OffsetDateTime.parse(SPACE_FOR_PLUS.matcher(text).replaceFirst("+"))
                .toInstant();
    }

    /**
     * Writes {@code 2026-01-31T12:00:00.000000001Z}, with as many groups of three decimals as it takes, without making
     * an object.
     */
    static void write(TextOutput out, long ns) throws IOException {
        long seconds = Math.floorDiv(ns, SECOND);
        int nanos = (int) Math.floorMod(ns, SECOND);
        writeDate(out, Math.floorDiv(seconds, DAY_SECONDS));
        int ofDay = (int) Math.floorMod(seconds, DAY_SECONDS);
        out.ascii('T');
        out.padded(ofDay / 3600, 2);
        out.ascii(':');
        out.padded(ofDay / 60 % 60, 2);
        out.ascii(':');
        out.padded(ofDay % 60, 2);
        if (nanos != 0) {
            out.ascii('.');
            if (nanos % 1_000_000 == 0) {
                out.padded(nanos / 1_000_000, 3);
            } else if (nanos % 1_000 == 0) {
                out.padded(nanos / 1_000, 6);
            } else {
                out.padded(nanos, 9);
            }
        }
        out.ascii('Z');
    }

    /** Days to a civil date, by Howard Hinnant's {@code civil_from_days}: years begin in March, eras have 400 of them. */
    private static void writeDate(TextOutput out, long epochDay) throws IOException {
        long shifted = epochDay + 719_468;
        long era = Math.floorDiv(shifted, 146_097);
        long dayOfEra = shifted - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shiftedMonth = (5 * dayOfYear + 2) / 153;
        long day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
        long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        out.padded(year, 4);
        out.ascii('-');
        out.padded(month, 2);
        out.ascii('-');
        out.padded(day, 2);
    }
}
