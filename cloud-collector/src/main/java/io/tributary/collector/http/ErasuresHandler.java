package io.tributary.collector.http;

import io.tributary.collector.storage.ErasureControl;
import io.tributary.collector.storage.ErasureRequest;
import io.tributary.collector.storage.ErasureStatus;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code DELETE /api/v1/readings}, {@code GET /api/v1/erasures} and {@code /api/v1/erasures/{id}}. */
final class ErasuresHandler {
    private static final int LIMIT_WHEN_ABSENT = 100;
    private static final int LIMIT_MAX = 1000;

    private final ErasureControl erasures;
    private final InstantSource clock;

    ErasuresHandler(ErasureControl erasures, InstantSource clock) {
        this.erasures = erasures;
        this.clock = clock;
    }

    void erase(Request request, Response response) throws IOException {
        request.expectParameters("device", "channel", "from", "to", "patterns");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        String device = parameters.text("device");
        if (device == null || device.isEmpty()) {
            throw ProblemException.badRequest("parameter device is absent, expected the ID whose readings are to be"
                    + " erased, or a pattern with patterns=true");
        }
        boolean patterns = flag(parameters.text("patterns"));
        List<String> channels = parameters.list("channel");
        if (!patterns) {
            expectName("device", device);
            channels.forEach(channel -> expectName("channel", channel));
        }
        long from = parameters.time("from", Long.MIN_VALUE);
        long to = parameters.time("to", Long.MAX_VALUE);
        parameters.expectOrder(from, to);
        ErasureStatus status;
        try {
            status = erasures.erase(new ErasureRequest(device, channels, patterns, from, to));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(422, "Too many erasures", String.valueOf(e.getMessage()));
        }
        answer(response, status);
    }

    private static boolean flag(@Nullable String text) {
        if (text == null || text.equals("false")) {
            return false;
        }
        if (text.equals("true")) {
            return true;
        }
        throw ProblemException.badParameter("patterns", text, "expected true or false");
    }

    /** Who erases by accident what a pattern happens to match cannot get it back. */
    private static void expectName(String parameter, String value) {
        if (value.indexOf('*') >= 0 || value.indexOf('?') >= 0) {
            throw ProblemException.badParameter(
                    parameter, value, "expected a name; a pattern has to be confirmed with patterns=true");
        }
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters("limit", "after");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        int limit = (int) parameters.limit(LIMIT_WHEN_ABSENT, LIMIT_MAX);
        String after = parameters.text("after");
        List<ErasureStatus> found = erasures.list(limit + 1, after == null ? 0 : id("parameter after", after, 400));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("erasures").beginArray();
        for (ErasureStatus status : found.subList(0, Math.min(limit, found.size()))) {
            json.breakLine();
            erasure(json, status);
        }
        json.endArray();
        if (found.size() > limit) {
            json.name("next").value(Long.toString(found.get(limit - 1).id()));
        }
        json.endObject().newline().flush();
    }

    void one(Request request, Response response) throws IOException {
        request.expectParameters();
        String text = request.pathParameter("id");
        ErasureStatus status = erasures.get(id("erasure", text, 404));
        if (status == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "erasure " + ProblemException.quoted(text) + " is unknown, or so complete that it was forgotten");
        }
        answer(response, status);
    }

    private static long id(String what, String text, int status) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    status,
                    status == 404 ? "Not found" : "Bad request",
                    what + " is " + ProblemException.quoted(text) + ", expected the number of an erasure");
        }
    }

    private static void answer(Response response, ErasureStatus status) throws IOException {
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        erasure(json, status);
        json.newline().flush();
    }

    private static void erasure(JsonWriter json, ErasureStatus status) throws IOException {
        ErasureRequest request = status.request();
        json.beginObject();
        json.name("id").value(status.id());
        json.name("device").value(request.device());
        json.name("channels").beginArray();
        for (String channel : request.channels()) {
            json.value(channel);
        }
        json.endArray();
        json.name("patterns").value(request.patterns());
        if (request.fromNs() != Long.MIN_VALUE) {
            ApiJson.time(json, "from", request.fromNs());
        }
        if (request.toNs() != Long.MAX_VALUE) {
            ApiJson.time(json, "to", request.toNs());
        }
        ApiJson.time(json, "collector_time", status.collectorTimeNs());
        json.name("stage").value(status.stage().name().toLowerCase(Locale.ROOT));
        json.name("readings").value(status.readings());
        json.name("chunks").value(status.chunks());
        json.endObject();
    }
}
