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

    /** Writes {@code 2026-01-31T12:00:00.000000001Z}, with as many groups of three decimals as it takes. */
    static void write(TextOutput out, long ns) throws IOException {
        out.time(ns);
    }
}
