package io.tributary.collector.http;

import io.tributary.collector.storage.DeadLetter;
import io.tributary.collector.storage.DeadLetterReader;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** {@code GET /api/v1/deadletters} and {@code /api/v1/deadletters/{id}/payload}. */
final class DeadLettersHandler {
    private static final int LIMIT_WHEN_ABSENT = 100;
    private static final int LIMIT_MAX = 1000;

    private final DeadLetterReader letters;

    DeadLettersHandler(DeadLetterReader letters) {
        this.letters = letters;
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters("cause", "limit", "after");
        ApiParameters parameters = new ApiParameters(request, Instant.EPOCH);
        int limit = (int) parameters.limit(LIMIT_WHEN_ABSENT, LIMIT_MAX);
        String after = parameters.text("after");
        List<DeadLetter> found = letters.list(
                parameters.text("cause"), limit + 1, after == null ? -1 : id("parameter after", after, 400));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject();
        ApiJson.counts(json, "held", letters.countByCause());
        json.name("deadletters").beginArray();
        for (DeadLetter letter : found.subList(0, Math.min(limit, found.size()))) {
            json.breakLine();
            letter(json, letter);
        }
        json.endArray();
        if (found.size() > limit) {
            json.name("next").value(Long.toString(found.get(limit - 1).id()));
        }
        json.endObject().newline().flush();
    }

    /** The record itself, as it came. */
    void payload(Request request, Response response) throws IOException {
        request.expectParameters();
        String text = request.pathParameter("id");
        DeadLetter letter = letters.get(id("dead letter", text, 404));
        if (letter == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "dead letter " + ProblemException.quoted(text)
                            + " is not held (any more), expected one that GET /api/v1/deadletters lists");
        }
        response.send("application/octet-stream", letter.payload());
    }

    private static long id(String what, String text, int status) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    status,
                    status == 404 ? "Not found" : "Bad request",
                    what + " is " + ProblemException.quoted(text) + ", expected the number of a dead letter");
        }
    }

    private static void letter(JsonWriter json, DeadLetter letter) throws IOException {
        json.beginObject();
        json.name("id").value(letter.id());
        ApiJson.time(json, "time", letter.timeNs());
        json.name("cause").value(letter.cause());
        json.name("detail").value(letter.detail());
        if (letter.origin() != null) {
            json.name("agent").value(letter.origin().agent());
            json.name("epoch").value(letter.origin().epoch());
        }
        if (letter.range() != null) {
            json.name("first_sequence").value(letter.range().first());
            json.name("sequences").value(letter.range().count());
        }
        json.name("readings").value(letter.readings());
        json.name("payload_bytes").value(letter.payload().length);
        json.endObject();
    }
}
