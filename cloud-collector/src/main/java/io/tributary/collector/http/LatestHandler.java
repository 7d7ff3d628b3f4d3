package io.tributary.collector.http;

import io.tributary.collector.query.DevicePosition;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.SeriesSelector;
import io.tributary.collector.query.TimeRange;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/latest}: the last value of each series; with a limit of so many devices. */
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
        request.expectParameters("device", "tag", "channel", "format", "limit", "next");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        Format format = Format.of(request);
        QueryRun run = engine.begin(request.caller()::maySee, response::isGone);
        var series = parameters.series();
        String next = parameters.text("next");
        if (next != null || parameters.text("limit") != null) {
            page(series, next, parameters, run, format, request, response);
            return;
        }
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType()));
        engine.latest(series, run, row -> {
            output.row(row);
            run.written(output.bytes());
            return true;
        });
        output.end(null);
    }

    private void page(
            SeriesSelector series,
            @Nullable String next,
            ApiParameters parameters,
            QueryRun run,
            Format format,
            Request request,
            Response response)
            throws IOException {
        long limit = parameters.limit(ReadingsHandler.LIMIT_WHEN_ABSENT, NextPage.LIMIT_MAX);
        DevicePosition from = next == null ? null : DevicePosition.parse(next);
        // A page takes PAGE_BYTES and one more device.
        ReadingsOutput output = ReadingsOutput.of(format, response.stream(format.contentType(), Integer.MAX_VALUE));
        DevicePosition last =
                engine.latestPage(series, from, limit, () -> output.bytes() >= NextPage.PAGE_BYTES, run, row -> {
                    output.row(row);
                    run.written(output.bytes());
                    return true;
                });
        String token = last == null ? null : last.token();
        if (token != null) {
            NextPage.tell(request, response, token);
        }
        output.end(token);
    }
}
