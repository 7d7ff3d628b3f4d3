package io.tributary.collector.http;

import io.tributary.collector.storage.ErasureControl;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.http.Access;
import io.tributary.http.JsonWriter;
import io.tributary.http.Request;
import io.tributary.http.Response;
import io.tributary.http.Router;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls that follow readings as they arrive, and those that make them go. */
public final class LifecycleApi {
    private final ErasuresHandler erasures;
    private final StreamHandler stream;
    private final BookmarksHandler bookmarks;
    private final Supplier<@Nullable String> notReady;
    private final Supplier<Map<String, String>> damagedFiles;

    /**
     * @param clock what {@code now} and {@code -1h} mean
     * @param notReady why the collector is not ready, null when it is
     * @param damagedFiles files of the store that cannot be read, and why
     */
    public LifecycleApi(
            ErasureControl erasures,
            Subscriptions subscriptions,
            InstantSource clock,
            Supplier<@Nullable String> notReady,
            Supplier<Map<String, String>> damagedFiles) {
        this.notReady = notReady;
        this.damagedFiles = damagedFiles;
        this.erasures = new ErasuresHandler(erasures, clock);
        this.stream = new StreamHandler(subscriptions, clock);
        this.bookmarks = new BookmarksHandler(subscriptions);
    }

    /** Adds every call to a router. */
    public Router addTo(Router router) {
        return router
                .probe("/readyz-details", this::details)
                .route("DELETE", "/api/v1/readings", Access.ADMIN, CollectorApi.unscoped(erasures::erase))
                .get("/api/v1/erasures", CollectorApi.unscoped(erasures::list))
                .get("/api/v1/erasures/{id}", CollectorApi.unscoped(erasures::one))
                .stream("/api/v1/stream", CollectorApi.unscoped(stream))
                .get("/api/v1/bookmarks", CollectorApi.unscoped(bookmarks::list))
                .get("/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::one))
                .route("PUT", "/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::put))
                .route("DELETE", "/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::delete));
    }

    private void details(Request request, Response response) throws IOException {
        String why = notReady.get();
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("ready").value(why == null);
        if (why != null) {
            json.name("reason").value(why);
        }
        ApiJson.texts(json, "damaged_files", damagedFiles.get());
        json.endObject().newline().flush();
    }
}
