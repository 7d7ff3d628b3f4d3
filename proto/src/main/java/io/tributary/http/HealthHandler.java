package io.tributary.http;

import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Liveness and readiness for supervisors: 200 with {@code ok}, or 503 with the reason. */
public final class HealthHandler implements HttpHandler {
    private final Supplier<@Nullable String> reason;

    private HealthHandler(Supplier<@Nullable String> reason) {
        this.reason = reason;
    }

    /** Says ok as long as the process answers at all: what is restarted helps nothing by dying of a full disk. */
    public static HealthHandler live() {
        return new HealthHandler(() -> null);
    }

    /** @param reason why not ready, null when ready; called on the probe thread, must not block */
    public static HealthHandler ready(Supplier<@Nullable String> reason) {
        return new HealthHandler(reason);
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        String why = reason.get();
        if (why != null) {
            throw new ProblemException(503, "Not ready", why);
        }
        response.send("text/plain; charset=utf-8", "ok\n");
    }
}
