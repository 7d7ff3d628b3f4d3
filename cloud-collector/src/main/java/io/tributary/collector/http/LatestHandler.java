package io.tributary.collector.http;

import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.InstantSource;

/** {@code GET /api/v1/latest}: the last value of each series. */
final class LatestHandler implements QueryHandler {
    private final QueryEngine engine;
    private final InstantSource clock;

    LatestHandler(QueryEngine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public boolean isQuick(Request request) {
        SeriesSelector series = new ApiParameters(request, clock.instant()).series();
        return engine.readingsHeld(series, TimeRange.ALL) < Long.MAX_VALUE;
    }

    @Override
    public void answer(Request request, Response response) throws IOException {
        request.expectParameters("device", "tag", "channel", "format");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        Format format = Format.of(request);
        QueryRun run = engine.begin(request.caller()::maySee, response::isGone);
        var series = parameters.series();
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType()));
        engine.latest(series, run, row -> {
            output.row(row);
            run.written(output.bytes());
            return true;
        });
        output.end(null);
    }
}
