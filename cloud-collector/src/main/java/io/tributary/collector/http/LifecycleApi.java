package io.tributary.collector.http;

import io.tributary.collector.storage.ErasureControl;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.http.Access;
import io.tributary.http.Router;
import java.time.InstantSource;

/** The calls that follow readings as they arrive, and those that make them go. */
public final class LifecycleApi {
    private final ErasuresHandler erasures;
    private final StreamHandler stream;
    private final BookmarksHandler bookmarks;

    /** @param clock what {@code now} and {@code -1h} mean */
    public LifecycleApi(ErasureControl erasures, Subscriptions subscriptions, InstantSource clock) {
        this.erasures = new ErasuresHandler(erasures, clock);
        this.stream = new StreamHandler(subscriptions, clock);
        this.bookmarks = new BookmarksHandler(subscriptions);
    }

    /** Adds every call to a router. */
    public Router addTo(Router router) {
        return router
                .route("DELETE", "/api/v1/readings", Access.ADMIN, CollectorApi.unscoped(erasures::erase))
                .get("/api/v1/erasures", CollectorApi.unscoped(erasures::list))
                .get("/api/v1/erasures/{id}", CollectorApi.unscoped(erasures::one))
                .stream("/api/v1/stream", CollectorApi.unscoped(stream))
                .get("/api/v1/bookmarks", CollectorApi.unscoped(bookmarks::list))
                .get("/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::one))
                .route("PUT", "/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::put))
                .route("DELETE", "/api/v1/bookmarks/{name}", CollectorApi.unscoped(bookmarks::delete));
    }
}
