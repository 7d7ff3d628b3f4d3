package io.tributary.collector.http;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Axis;
import io.tributary.collector.query.Fill;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.ReadingFilter;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.config.Durations;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the query parameters that several calls share. Every method throws a {@link ProblemException} 400. */
final class ApiParameters {
    private static final int LIST_MAX = 100;

    private final Request request;
    private final Instant now;

    ApiParameters(Request request, Instant now) {
        this.request = request;
        this.now = now;
    }

    /** {@code device}, {@code tag} and {@code channel}; everything when they are absent. */
    SeriesSelector series() {
        List<Glob> channels = new ArrayList<>();
        for (String channel : list("channel")) {
            channels.add(new Glob(channel));
        }
        return new SeriesSelector(glob("device"), tags(), channels);
    }

    Glob glob(String name) {
        String pattern = request.parameter(name);
        if (pattern == null) {
            return Glob.ALL;
        }
        if (pattern.isEmpty()) {
            throw ProblemException.badParameter(name, pattern, "expected a name or a pattern with * and ?");
        }
        return new Glob(pattern);
    }

    /** {@code tag=site:north}, several times: all of them have to be there. */
    Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String tag : request.parameters("tag")) {
            int colon = tag.indexOf(':');
            if (colon < 1) {
                throw ProblemException.badParameter("tag", tag, "expected name:value");
            }
            if (tags.put(tag.substring(0, colon), tag.substring(colon + 1)) != null) {
                throw ProblemException.badParameter("tag", tag, "expected each tag name once");
            }
        }
        return tags;
    }

    /** Parts between commas, of every occurrence. */
    List<String> list(String name) {
        List<String> parts = new ArrayList<>();
        for (String value : request.parameters(name)) {
            for (String part : value.split(",", -1)) {
                if (part.isEmpty()) {
                    throw ProblemException.badParameter(name, value, "expected names with commas between them");
                }
                parts.add(part);
            }
        }
        if (parts.size() > LIST_MAX) {
            throw ProblemException.badRequest(
                    "parameter " + name + " has " + parts.size() + " parts, expected at most " + LIST_MAX);
        }
        return parts;
    }

    long time(String name, long whenAbsent) {
        String text = request.parameter(name);
        return text == null ? whenAbsent : ApiTime.parse(name, text, now);
    }

    /** @throws ProblemException also when {@code from} is not before {@code to} */
    void expectOrder(long from, long to) {
        if (from >= to) {
            throw ProblemException.badRequest("the range is empty: from is " + shown("from") + " and to is "
                    + shown("to") + ", expected from before to");
        }
    }

    private String shown(String name) {
        String text = request.parameter(name);
        return text == null ? "absent" : ProblemException.quoted(text);
    }

    Axis axis() {
        return choice("axis", Axis.EVENT, Axis.values());
    }

    Fill fill() {
        return choice("fill", Fill.NONE, Fill.values());
    }

    boolean ascending() {
        String order = request.parameter("order");
        if (order == null || order.equals("asc")) {
            return true;
        }
        if (order.equals("desc")) {
            return false;
        }
        throw ProblemException.badParameter("order", order, "expected asc or desc");
    }

    private <E extends Enum<E>> E choice(String name, E whenAbsent, E[] all) {
        String wanted = request.parameter(name);
        if (wanted == null) {
            return whenAbsent;
        }
        List<String> words = new ArrayList<>();
        for (E each : all) {
            String word = each.name().toLowerCase(Locale.ROOT);
            if (word.equals(wanted)) {
                return each;
            }
            words.add(word);
        }
        throw ProblemException.badParameter(name, wanted, "expected one of " + String.join(", ", words));
    }

    /** @return {@code whenAbsent} when it is not given */
    long limit(long whenAbsent, long max) {
        return number("limit", whenAbsent, 1, max);
    }

    /** @return {@code whenAbsent} when it is not given */
    long number(String name, long whenAbsent, long min, long max) {
        String text = request.parameter(name);
        if (text == null) {
            return whenAbsent;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw badNumber(name, text, min, max);
        }
        throw badNumber(name, text, min, max);
    }

    private static ProblemException badNumber(String name, String text, long min, long max) {
        return ProblemException.badParameter(name, text, "expected a number from " + min + " to " + max);
    }

    /** Width of a window in ns; 0 when it is absent. */
    long every() {
        return duration("every", 0);
    }

    /** How long a value holds at most, in ns. */
    long hold() {
        return duration("hold", AggregateQuery.HOLD_ON);
    }

    private long duration(String name, long whenAbsent) {
        String text = request.parameter(name);
        if (text == null) {
            return whenAbsent;
        }
        try {
            long ns = Durations.parse(text).toNanos();
            if (ns > 0) {
                return ns;
            }
        } catch (IllegalArgumentException e) {
            throw ProblemException.badParameter(name, text, String.valueOf(e.getMessage()));
        } catch (ArithmeticException e) {
            throw ProblemException.badParameter(name, text, "expected at most 292 years");
        }
        throw ProblemException.badParameter(name, text, "expected more than 0");
    }

    /** {@code where}, several times, and {@code quality}. */
    ReadingFilter filter() {
        List<String> where = request.parameters("where");
        List<String> severities = list("quality");
        return where.isEmpty() && severities.isEmpty() ? ReadingFilter.NONE : ReadingFilter.of(where, severities);
    }

    boolean flag(String name) {
        String text = request.parameter(name);
        if (text == null || text.equals("false")) {
            return false;
        }
        if (text.equals("true")) {
            return true;
        }
        throw ProblemException.badParameter(name, text, "expected true or false");
    }

    ZoneId zone() {
        String text = request.parameter("tz");
        if (text == null) {
            return ZoneOffset.UTC;
        }
        try {
            return ZoneId.of(text.replace(' ', '+'));
        } catch (DateTimeException e) {
            throw ProblemException.badParameter(
                    "tz", text, "expected a time zone, for example Europe/Berlin or +08:00");
        }
    }

    List<AggregateFunction> functions() {
        List<AggregateFunction> functions = new ArrayList<>();
        for (String word : list("fn")) {
            AggregateFunction function = AggregateFunction.of(word);
            if (function == null) {
                throw ProblemException.badParameter(
                        "fn", word, "expected functions out of " + AggregateFunction.words());
            }
            if (functions.contains(function)) {
                throw ProblemException.badParameter("fn", word, "expected each function once");
            }
            functions.add(function);
        }
        return functions.isEmpty() ? List.of(AggregateFunction.AVG) : functions;
    }

    Grouping grouping() {
        String text = request.parameter("group");
        Grouping grouping = text == null ? Grouping.DEVICE : Grouping.of(text);
        if (grouping == null) {
            throw ProblemException.badParameter("group", String.valueOf(text), "expected device, tag:NAME or none");
        }
        return grouping;
    }

    @Nullable
    String text(String name) {
        return request.parameter(name);
    }
}
