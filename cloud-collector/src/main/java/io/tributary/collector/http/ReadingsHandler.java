package io.tributary.collector.http;

import io.tributary.collector.query.Position;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.ReadQuery;
import io.tributary.collector.query.TimeRange;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/v1/readings}. With a limit the answer is a page: held in memory until it is whole, so that a header can
 * tell how to go on, and ended early when it grows beyond {@link #PAGE_BYTES}. CSV and NDJSON without a limit are one
 * stream to the end.
 */
final class ReadingsHandler implements QueryHandler {
    static final int LIMIT_WHEN_ABSENT = 1000;
    static final int LIMIT_MAX = 1_000_000;
    /** About 10,000 readings as JSON; times the workers is what pages take in memory. */
    static final int PAGE_BYTES = 2 << 20;

    private final QueryEngine engine;
    private final InstantSource clock;

    ReadingsHandler(QueryEngine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public void answer(Request request, Response response) throws IOException {
        request.expectParameters("device", "tag", "channel", "from", "to", "axis", "order", "limit", "next", "format");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        Format format = Format.of(request);
        String next = parameters.text("next");
        long limit = parameters.limit(
                format == Format.JSON || next != null ? LIMIT_WHEN_ABSENT : ReadQuery.NO_LIMIT, LIMIT_MAX);
        long from = parameters.time("from", Long.MIN_VALUE);
        long to = parameters.time("to", Long.MAX_VALUE);
        parameters.expectOrder(from, to);
        ReadQuery query = new ReadQuery(
                parameters.series(),
                parameters.axis(),
                new TimeRange(from, to),
                parameters.ascending(),
                limit,
                next == null ? null : Position.parse(next));
        QueryRun run = engine.begin(response::isGone);
        if (limit == ReadQuery.NO_LIMIT) {
            stream(query, run, format, response);
        } else {
            page(query, run, format, request, response);
        }
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
            return output.bytes() < PAGE_BYTES;
        });
        String token = last == null ? null : last.token();
        if (token != null) {
            response.header("Tributary-Next", token);
            response.header("Link", "<" + nextPage(request, token) + ">; rel=\"next\"");
        }
        output.end(token);
    }

    /** The same request with the token, as a path with a query. */
    private static String nextPage(Request request, String token) {
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, List<String>> parameter : request.parameters().entrySet()) {
            if (!parameter.getKey().equals("next")) {
                for (String value : parameter.getValue()) {
                    pairs.add(parameter.getKey() + "=" + encoded(value));
                }
            }
        }
        pairs.add("next=" + token);
        return request.path() + "?" + String.join("&", pairs);
    }

    private static String encoded(@Nullable String value) {
        return java.net.URLEncoder.encode(String.valueOf(value), java.nio.charset.StandardCharsets.UTF_8);
    }
}
