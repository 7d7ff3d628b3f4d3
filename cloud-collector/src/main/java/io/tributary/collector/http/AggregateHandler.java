package io.tributary.collector.http;

import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.EpochNanos;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.TimeRange;
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
    private final QueryEngine engine;
    private final InstantSource clock;

    AggregateHandler(QueryEngine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public void answer(Request request, Response response) throws IOException {
        request.expectParameters(
                "device", "tag", "channel", "from", "to", "axis", "every", "tz", "fn", "group", "fill", "format");
        Instant now = clock.instant();
        ApiParameters parameters = new ApiParameters(request, now);
        if (parameters.text("from") == null) {
            throw ProblemException.badRequest("parameter from is absent, expected a time, for example from=-1h")
                    .with("parameter", "from");
        }
        Format format = Format.of(request);
        long from = parameters.time("from", 0);
        long to = parameters.time("to", EpochNanos.of(now));
        parameters.expectOrder(from, to);
        AggregateQuery query = new AggregateQuery(
                parameters.series(),
                parameters.axis(),
                new TimeRange(from, to),
                parameters.every(),
                parameters.zone(),
                parameters.functions(),
                parameters.grouping(),
                parameters.fill());
        QueryRun run = engine.begin(response::isGone);
        WindowsOutput output = WindowsOutput.of(format, query, response.stream(format.contentType()));
        engine.aggregate(query, run, new Bounded(output, run));
        output.end();
    }

    /** Keeps the answer within its bytes. */
    private record Bounded(WindowsOutput output, QueryRun run) implements WindowSink {
        @Override
        public void beginSeries(@Nullable String group, String channel, String unit) throws IOException {
            output.beginSeries(group, channel, unit);
        }

        @Override
        public void window(long startNs, double[] values) throws IOException {
            output.window(startNs, values);
            run.written(output.out.bytes());
        }

        @Override
        public void endSeries() throws IOException {
            output.endSeries();
        }
    }
}
