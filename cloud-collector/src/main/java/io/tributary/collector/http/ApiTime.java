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
import org.jspecify.annotations.Nullable;

/** Times as the API reads and writes them; inside they are ns since 1970. */
final class ApiTime {
    private static final String EXPECTED = "expected a time: RFC 3339 (2026-01-31T12:00:00Z), a date (2026-01-31),"
            + " milliseconds since 1970, now, or relative to now (-1h)";
    /** Zeros stand for digits. */
    private static final String SECONDS = "0000-00-00T00:00:00Z";

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
        if (text.length() == SECONDS.length() && text.charAt(text.length() - 1) == 'Z') {
            Instant plain = seconds(text);
            if (plain != null) {
                return plain;
            }
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
     * {@code 2026-01-31T12:00:00Z} without a parser, which takes longer than many an answer; null for whatever is not
     * exactly that.
     */
    private static @Nullable Instant seconds(String text) {
        int[] numbers = new int[6];
        int field = 0;
        for (int i = 0; i < SECONDS.length(); i++) {
            char c = text.charAt(i);
            if (SECONDS.charAt(i) == '0') {
                if (c < '0' || c > '9') {
                    return null;
                }
                numbers[field] = numbers[field] * 10 + (c - '0');
            } else if (c != SECONDS.charAt(i)) {
                return null;
            } else {
                field++;
            }
        }
        boolean usual = numbers[0] > 0
                && numbers[1] >= 1
                && numbers[1] <= 12
                && numbers[2] >= 1
                && numbers[2] <= LocalDate.of(numbers[0], numbers[1], 1).lengthOfMonth()
                && numbers[3] < 24
                && numbers[4] < 60
                && numbers[5] < 60;
        if (!usual) {
            return null;
        }
        long day = LocalDate.of(numbers[0], numbers[1], numbers[2]).toEpochDay();
        return Instant.ofEpochSecond(day * 86_400 + numbers[3] * 3_600L + numbers[4] * 60L + numbers[5]);
    }

    /** Writes {@code 2026-01-31T12:00:00.000000001Z}, with as many groups of three decimals as it takes. */
    static void write(TextOutput out, long ns) throws IOException {
        out.time(ns);
    }
}
