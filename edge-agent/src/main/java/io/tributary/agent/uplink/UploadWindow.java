package io.tributary.agent.uplink;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * A time of day at which the link may be used: {@code 22:00-06:00}, {@code sat,sun 00:00-24:00}, {@code mon-fri 12:00-13:30}.
 * One that ends before it begins goes on past midnight; its days are those on which it begins.
 *
 * @param from minute of the day
 * @param until minute of the day, exclusive; up to 1440
 */
public record UploadWindow(Set<DayOfWeek> days, int from, int until) {
    private static final int DAY_MINUTES = 24 * 60;
    private static final String EXPECTED = "expected times of the day, for example 22:00-06:00 or mon-fri 12:00-13:30";
    private static final List<String> NAMES = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    public UploadWindow {
        days = Collections.unmodifiableSet(days.isEmpty() ? EnumSet.noneOf(DayOfWeek.class) : EnumSet.copyOf(days));
        if (days.isEmpty() || from < 0 || from >= DAY_MINUTES || until < 1 || until > DAY_MINUTES || from == until) {
            throw new IllegalArgumentException(EXPECTED);
        }
    }

    /** @throws IllegalArgumentException saying what is expected, without the value */
    public static UploadWindow parse(String text) {
        String[] words = text.trim().toLowerCase(Locale.ROOT).split(" +");
        if (words.length > 2) {
            throw new IllegalArgumentException(EXPECTED);
        }
        String[] times = words[words.length - 1].split("-");
        if (times.length != 2) {
            throw new IllegalArgumentException(EXPECTED);
        }
        Set<DayOfWeek> days = words.length == 1 ? EnumSet.allOf(DayOfWeek.class) : days(words[0]);
        return new UploadWindow(days, minute(times[0]), minute(times[1]));
    }

    private static Set<DayOfWeek> days(String text) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",")) {
            String[] ends = part.split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException(EXPECTED);
            }
            int last = day(ends[ends.length - 1]);
            int day = day(ends[0]);
            days.add(DayOfWeek.of(day + 1));
            while (day != last) { // fri-mon goes over the weekend
                day = (day + 1) % NAMES.size();
                days.add(DayOfWeek.of(day + 1));
            }
        }
        return days;
    }

    private static int day(String name) {
        int day = NAMES.indexOf(name);
        if (day < 0) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return day;
    }

    private static int minute(String time) {
        String[] parts = time.split(":", -1);
        if (parts.length != 2 || !parts[0].matches("[0-9]{1,2}") || !parts[1].matches("[0-5][0-9]")) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return Integer.parseInt(parts[0]) * 60 + Integer.parseInt(parts[1]);
    }

    /** Whether the link may be used at this moment. */
    public boolean contains(LocalDateTime time) {
        int minute = time.getHour() * 60 + time.getMinute();
        DayOfWeek day = Objects.requireNonNull(time.getDayOfWeek());
        if (from < until) {
            return days.contains(day) && minute >= from && minute < until;
        }
        return (days.contains(day) && minute >= from) || (days.contains(day.minus(1)) && minute < until);
    }
}
