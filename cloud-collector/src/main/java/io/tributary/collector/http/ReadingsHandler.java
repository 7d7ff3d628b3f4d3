package io.tributary.collector.http;

import io.tributary.collector.query.Axis;
import io.tributary.collector.query.Position;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.ReadQuery;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.InstantSource;

/**
 * {@code GET /api/v1/readings}. With a limit the answer is a page: held in memory until it is whole, so that a header can
 * tell how to go on, and ended early when it grows beyond {@link NextPage#PAGE_BYTES}. CSV and NDJSON without a limit are one
 * stream to the end.
 */
final class ReadingsHandler implements QueryHandler {
    static final int LIMIT_WHEN_ABSENT = 1000;
    /** Wider than most screens. */
    private static final int DEFAULT_POINTS = 2000;
    /** Cells of a table that take half a millisecond, some 15 bytes each. */
    private static final int QUICK_CELLS_MAX = 12_000;
    /** Readings with all their times that take as long, some 250 bytes each. */
    private static final int QUICK_ROWS_MAX = 1_500;

    private final QueryEngine engine;
    private final InstantSource clock;

    ReadingsHandler(QueryEngine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public boolean isQuick(Request request) {
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        SeriesSelector series = parameters.series();
        if (!series.device().isLiteral() || request.parameter("downsample") != null) {
            return false;
        }
        boolean byEvent = parameters.axis() == Axis.EVENT;
        TimeRange range = byEvent
                ? new TimeRange(parameters.time("from", Long.MIN_VALUE), parameters.time("to", Long.MAX_VALUE))
                : TimeRange.ALL;
        return engine.readingsHeld(series, range)
                <= (Format.of(request) == Format.TABLE ? QUICK_CELLS_MAX : QUICK_ROWS_MAX);
    }

    @Override
    public void answer(Request request, Response response) throws IOException {
        request.expectParameters(
                "device",
                "tag",
                "channel",
                "from",
                "to",
                "axis",
                "order",
                "limit",
                "where",
                "quality",
                "next",
                "downsample",
                "points",
                "format");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        Format format = Format.of(request);
        String next = parameters.text("next");
        int points = points(parameters);
        long limit = parameters.limit(
                points == 0 && (format == Format.JSON || format == Format.TABLE || next != null)
                        ? LIMIT_WHEN_ABSENT
                        : ReadQuery.NO_LIMIT,
                NextPage.LIMIT_MAX);
        long from = parameters.time("from", Long.MIN_VALUE);
        long to = parameters.time("to", Long.MAX_VALUE);
        parameters.expectOrder(from, to);
        ReadQuery query = new ReadQuery(
                parameters.series(),
                parameters.axis(),
                new TimeRange(from, to),
                parameters.ascending(),
                limit,
                parameters.filter(),
                next == null ? null : Position.parse(next));
        QueryRun run = engine.begin(request.caller()::maySee, response::isGone);
        if (points > 0) {
            plot(query, points, run, format, response);
        } else if (limit == ReadQuery.NO_LIMIT) {
            stream(query, run, format, response);
        } else {
            page(query, run, format, request, response);
        }
    }

    /** 0 when all readings are asked for. */
    private static int points(ApiParameters parameters) {
        String way = parameters.text("downsample");
        String points = parameters.text("points");
        if (way == null && points == null) {
            return 0;
        }
        if (way == null || !way.equals("lttb")) {
            throw ProblemException.badParameter("downsample", String.valueOf(way), "expected lttb, with points");
        }
        return (int) parameters.number("points", DEFAULT_POINTS, 2, NextPage.LIMIT_MAX);
    }

    private void plot(ReadQuery query, int points, QueryRun run, Format format, Response response) throws IOException {
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType()));
        engine.plot(query, points, run, row -> {
            output.row(row);
            run.written(output.bytes());
            return true;
        });
        output.end(null);
    }

    private void stream(ReadQuery query, QueryRun run, Format format, Response response) throws IOException {
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType()));
        engine.read(query, run, row -> {
            output.row(row);
            run.written(output.bytes());
            return true;
        });
        output.end(null);
    }

    private void page(ReadQuery query, QueryRun run, Format format, Request request, Response response)
            throws IOException {
        // A page takes PAGE_BYTES and one more row, however long that is.
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType(), Integer.MAX_VALUE));
        Position last = engine.read(query, run, row -> {
            output.row(row);
            return output.bytes() < NextPage.PAGE_BYTES;
        });
        String token = last == null ? null : last.token();
        if (token != null) {
            NextPage.tell(request, response, token);
        }
        output.end(token);
    }
}
