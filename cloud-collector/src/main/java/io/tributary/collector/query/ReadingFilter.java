package io.tributary.collector.query;

import io.tributary.model.Quality;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which readings of the selected series count.
 *
 * @param conditions all have to hold
 * @param severities words of {@link Quality#severity}; empty for all
 */
public record ReadingFilter(List<Condition> conditions, Set<String> severities) {
    public static final ReadingFilter NONE = new ReadingFilter(List.of(), Set.of());
    /** More would be a program, and each costs a pass. */
    private static final int CONDITIONS_MAX = 16;

    private static final Set<String> KNOWN = Set.of("good", "uncertain", "bad");

    public ReadingFilter {
        conditions = List.copyOf(conditions);
        severities = Set.copyOf(severities);
        if (conditions.size() > CONDITIONS_MAX) {
            throw QueryException.invalid(
                    "where is given " + conditions.size() + " times, expected at most " + CONDITIONS_MAX);
        }
        for (String severity : severities) {
            if (!KNOWN.contains(severity)) {
                throw QueryException.invalid(
                        "quality is \"" + severity + "\", expected good, uncertain or bad, several with commas");
            }
        }
    }

    /** @param where as {@link Condition#parse} reads it */
    public static ReadingFilter of(List<String> where, List<String> severities) {
        List<Condition> conditions = new ArrayList<>();
        for (String text : where) {
            conditions.add(Condition.parse(text));
        }
        return new ReadingFilter(conditions, new HashSet<>(severities));
    }

    boolean isNone() {
        return conditions.isEmpty() && isAnyQuality();
    }

    boolean isAnyQuality() {
        return severities.isEmpty() || severities.size() == KNOWN.size();
    }

    boolean takes(int quality) {
        return severities.isEmpty() || severities.contains(Quality.severity(quality));
    }

    /** What has to be read to tell: the asked channels, and those that rows are judged by. */
    @Nullable
    Set<String> toRead(@Nullable Set<String> asked) {
        if (asked == null || conditions.stream().noneMatch(each -> each.subject() == Condition.Subject.ROW)) {
            return asked;
        }
        Set<String> names = new HashSet<>(asked);
        for (Condition condition : conditions) {
            if (condition.subject() == Condition.Subject.ROW) {
                names.add(condition.channel());
            }
        }
        return names;
    }
}
