package io.tributary.collector.http;

import io.tributary.collector.query.AggregateFunction;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Axis;
import io.tributary.collector.query.EpochNanos;
import io.tributary.collector.query.Fill;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.TimeRange;
import io.tributary.collector.query.WindowPosition;
import io.tributary.collector.query.WindowSink;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/aggregate}: windows of time. */
final class AggregateHandler implements QueryHandler {
    /** Windows, times functions, that take some hundred microseconds when all of them have readings. */
    private static final int QUICK_CELLS_MAX = 2_000;
    /** Readings that take as long to decode and add up. */
    private static final int QUICK_READINGS_MAX = 20_000;

    private final QueryEngine engine;
    private final InstantSource clock;

    AggregateHandler(QueryEngine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public boolean isQuick(Request request) {
        if (engine.hasRollups()) {
            return false;
        }
        AggregateQuery query = query(new ApiParameters(request, clock.instant()), clock.instant());
        double windows = query.everyNs() == 0
                ? 1
                : ((double) query.range().toNs() - query.range().fromNs()) / query.everyNs();
        boolean isSmall = windows * query.functions().size() <= QUICK_CELLS_MAX
                && query.axis() == Axis.EVENT
                && query.fill() == Fill.NONE
                && !query.functions().contains(AggregateFunction.TWA); // which looks before the range
        return isSmall && engine.readingsHeld(query.series(), query.range()) <= QUICK_READINGS_MAX;
    }

    @Override
    public void answer(Request request, Response response) throws IOException {
        request.expectParameters(
                "device", "tag", "channel", "from", "to", "axis", "every", "tz", "fn", "group", "fill", "where",
                "quality", "hold", "order", "limit", "next", "explain", "format");
        Instant now = clock.instant();
        ApiParameters parameters = new ApiParameters(request, now);
        if (parameters.text("from") == null) {
            throw ProblemException.badRequest("parameter from is absent, expected a time, for example from=-1h")
                    .with("parameter", "from");
        }
        Format format = Format.of(request);
        boolean explain = parameters.flag("explain");
        if (explain && format != Format.JSON) {
            throw ProblemException.badRequest("explain goes with format=json only");
        }
        AggregateQuery query = query(parameters, now);
        QueryRun run = engine.begin(request.caller()::maySee, response::isGone);
        if (query.limit() == AggregateQuery.NO_LIMIT) {
            WindowsOutput output = WindowsOutput.of(format, query, response.stream(format.contentType()));
            engine.aggregate(query, run, new Sink(output, run, Long.MAX_VALUE));
            output.end(null, explain ? run : null);
            return;
        }
        // A page takes PAGE_BYTES and one more window.
        WindowsOutput output =
                WindowsOutput.of(format, query, response.stream(format.contentType(), Integer.MAX_VALUE));
        WindowPosition last = engine.aggregate(query, run, new Sink(output, run, NextPage.PAGE_BYTES));
        String token = last == null ? null : last.token();
        if (token != null) {
            NextPage.tell(request, response, token);
        }
        output.end(token, explain ? run : null);
    }

    private static AggregateQuery query(ApiParameters parameters, Instant now) {
        long from = parameters.time("from", 0);
        long to = parameters.time("to", EpochNanos.of(now));
        parameters.expectOrder(from, to);
        String next = parameters.text("next");
        return new AggregateQuery(
                parameters.series(),
                parameters.axis(),
                new TimeRange(from, to),
                parameters.every(),
                parameters.zone(),
                parameters.functions(),
                parameters.grouping(),
                parameters.fill(),
                parameters.filter(),
                parameters.hold(),
                parameters.ascending(),
                parameters.limit(
                        next == null ? AggregateQuery.NO_LIMIT : ReadingsHandler.LIMIT_WHEN_ABSENT, NextPage.LIMIT_MAX),
                next == null ? null : WindowPosition.parse(next));
    }

    /** Keeps the answer within its bytes, and a page within its own. */
    private record Sink(WindowsOutput output, QueryRun run, long pageBytes) implements WindowSink {
        @Override
        public void beginSeries(@Nullable String group, String channel, String unit) throws IOException {
            output.beginSeries(group, channel, unit);
        }

        @Override
        public boolean window(long startNs, double[] values) throws IOException {
            output.window(startNs, values);
            run.written(output.out.bytes());
            return output.out.bytes() < pageBytes;
        }

        @Override
        public void endSeries() throws IOException {
            output.endSeries();
        }
    }
}
