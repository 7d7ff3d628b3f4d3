package io.tributary.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 1h30m}, {@code 7d}. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(?:[0-9]{1,18}(?:ns|us|ms|s|m|h|d))+");
    private static final Pattern PART = Pattern.compile("([0-9]+)(ns|us|ms|s|m|h|d)");

    private Durations() {}

    /** @throws IllegalArgumentException saying what is expected, without the value */
    public static Duration parse(String text) {
        if (text.length() > 100 || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "expected a duration with its unit (ns, us, ms, s, m, h, d), for example 500ms, 10s or 1h30m");
        }
        Duration sum = Duration.ZERO;
        Matcher parts = PART.matcher(text);
        try {
            while (parts.find()) {
                sum = sum.plus(part(Long.parseLong(parts.group(1)), parts.group(2)));
            }
            return Duration.ofNanos(sum.toNanos());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("expected a duration below 292 years", e);
        }
    }

    private static Duration part(long amount, String unit) {
        return switch (unit) {
            case "ns" -> Duration.ofNanos(amount);
            case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1000L));
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }
}
