package io.tributary.collector.rpc;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Axis;
import io.tributary.collector.query.Fill;
import io.tributary.collector.query.Grouping;
import io.tributary.collector.query.Position;
import io.tributary.collector.query.QueryException;
import io.tributary.collector.query.ReadQuery;
import io.tributary.collector.query.ReadingFilter;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.collector.query.WindowPosition;
import io.tributary.proto.v1.AggregateRequest;
import io.tributary.proto.v1.Order;
import io.tributary.proto.v1.ReadRequest;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Requests as plans of the query engine; throws {@link QueryException} for what cannot be understood. */
final class QueryRequests {
    private QueryRequests() {}

    static ReadQuery read(ReadRequest request) {
        return new ReadQuery(
                series(request.getDevice(), request.getTagsMap(), request.getChannelsList()),
                axis(request.getAxis()),
                new TimeRange(request.getFromNs(), request.getToNs() == 0 ? Long.MAX_VALUE : request.getToNs()),
                ascending(request.getOrder()),
                request.getLimit() == 0 ? ReadQuery.NO_LIMIT : request.getLimit(),
                ReadingFilter.of(request.getWhereList(), request.getQualityList()),
                request.getAfter().isEmpty() ? null : Position.parse(request.getAfter()));
    }

    static AggregateQuery aggregate(AggregateRequest request) {
        Grouping grouping = request.getGroup().isEmpty() ? Grouping.DEVICE : Grouping.of(request.getGroup());
        if (grouping == null) {
            throw QueryException.invalid("group is \"" + request.getGroup() + "\", expected device, tag:NAME or none");
        }
        return new AggregateQuery(
                series(request.getDevice(), request.getTagsMap(), request.getChannelsList()),
                axis(request.getAxis()),
                new TimeRange(request.getFromNs(), request.getToNs() == 0 ? Long.MAX_VALUE : request.getToNs()),
                request.getEveryNs(),
                zone(request.getTimeZone()),
                functions(request.getFunctionsList()),
                grouping,
                fill(request.getFill()),
                ReadingFilter.of(request.getWhereList(), request.getQualityList()),
                request.getHoldNs() == 0 ? AggregateQuery.HOLD_ON : request.getHoldNs(),
                ascending(request.getOrder()),
                request.getLimit() == 0 ? AggregateQuery.NO_LIMIT : request.getLimit(),
                request.getAfter().isEmpty() ? null : WindowPosition.parse(request.getAfter()));
    }

    static SeriesSelector series(String device, Map<String, String> tags, List<String> channels) {
        List<Glob> globs = new ArrayList<>();
        for (String channel : channels) {
            globs.add(new Glob(channel));
        }
        return new SeriesSelector(glob(device), tags, globs);
    }

    static Glob glob(String pattern) {
        return pattern.isEmpty() ? Glob.ALL : new Glob(pattern);
    }

    private static Axis axis(io.tributary.proto.v1.Axis axis) {
        return switch (axis) {
            case EVENT -> Axis.EVENT;
            case EDGE -> Axis.EDGE;
            case COLLECTOR -> Axis.COLLECTOR;
            case UNRECOGNIZED -> throw QueryException.invalid("axis is unknown, expected EVENT, EDGE or COLLECTOR");
        };
    }

    private static boolean ascending(Order order) {
        if (order == Order.UNRECOGNIZED) {
            throw QueryException.invalid("order is unknown, expected ASCENDING or DESCENDING");
        }
        return order == Order.ASCENDING;
    }

    private static ZoneId zone(String name) {
        try {
            return name.isEmpty() ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw QueryException.invalid("time_zone is \"" + name + "\", expected for example Europe/Berlin or +08:00");
        }
    }

    private static List<AggregateFunction> functions(List<String> words) {
        List<AggregateFunction> functions = new ArrayList<>();
        for (String word : words) {
            AggregateFunction function = AggregateFunction.of(word);
            if (function == null) {
                throw QueryException.invalid(
                        "function is \"" + word + "\", expected one of " + AggregateFunction.words());
            }
            functions.add(function);
        }
        return functions.isEmpty() ? List.of(AggregateFunction.AVG) : functions;
    }

    private static Fill fill(String word) {
        if (word.isEmpty()) {
            return Fill.NONE;
        }
        for (Fill fill : Fill.values()) {
            if (fill.name().toLowerCase(Locale.ROOT).equals(word)) {
                return fill;
            }
        }
        throw QueryException.invalid("fill is \"" + word + "\", expected none, null, previous or linear");
    }
}
