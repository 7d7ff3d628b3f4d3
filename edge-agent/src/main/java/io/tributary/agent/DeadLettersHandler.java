package io.tributary.agent;

import io.tributary.agent.outbox.DeadLetter;
import io.tributary.agent.outbox.Outbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.http.HttpHandler;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** {@code GET /deadletters?limit=}: what sources could not understand, oldest first, with the bytes as they came. */
final class DeadLettersHandler implements HttpHandler {
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1_000;

    private final Outbox outbox;

    DeadLettersHandler(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        request.expectParameters("limit");
        List<DeadLetter> letters;
        try {
            letters = outbox.deadLetters(limit(request.parameter("limit")));
        } catch (OutboxException e) {
            throw new ProblemException(500, "Outbox cannot be read", String.valueOf(e.getMessage()));
        }
        JsonWriter json = new JsonWriter(response.stream("application/json"));
        json.beginObject().name("dead_letters").beginArray();
        for (DeadLetter letter : letters) {
            json.beginObject();
            json.name("time").value(Instant.ofEpochSecond(0, letter.timeNs()).toString());
            json.name("source").value(letter.source());
            json.name("cause").value(letter.cause());
            json.name("detail").value(letter.detail());
            json.name("payload_text").value(new String(letter.payload(), StandardCharsets.UTF_8));
            json.name("payload_base64").value(Base64.getEncoder().encodeToString(letter.payload()));
            json.endObject();
        }
        json.endArray().endObject().newline().flush();
    }

    private static int limit(@org.jspecify.annotations.Nullable String text) {
        if (text == null) {
            return LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= LIMIT_MAX) {
                return limit;
            }
        } catch (NumberFormatException e) {
            throw badLimit(text);
        }
        throw badLimit(text);
    }

    private static ProblemException badLimit(String text) {
        return new ProblemException(
                400,
                "Bad parameter",
                "limit is " + ProblemException.quoted(text) + ", expected a whole number from 1 to " + LIMIT_MAX);
    }
}
