package io.tributary.collector.http;

import io.tributary.collector.subscribe.Bookmark;
import io.tributary.collector.subscribe.SubscribeException;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.http.JsonWriter;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;

/** {@code /api/v1/bookmarks} and {@code /api/v1/bookmarks/{name}}. */
final class BookmarksHandler {
    private final Subscriptions subscriptions;

    BookmarksHandler(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters();
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("bookmarks").beginArray();
        for (Bookmark bookmark : subscriptions.bookmarks()) {
            json.breakLine();
            bookmark(json, bookmark);
        }
        json.endArray().endObject().newline().flush();
    }

    void one(Request request, Response response) throws IOException {
        request.expectParameters();
        try {
            answer(response, subscriptions.bookmark(request.pathParameter("name")));
        } catch (SubscribeException e) {
            throw StreamHandler.problem(e);
        }
    }

    /** Commits: {@code position} is the ID of the last event that was dealt with; the newest record when it is absent. */
    void put(Request request, Response response) throws IOException {
        request.expectParameters("position");
        try {
            answer(response, subscriptions.commit(request.pathParameter("name"), request.parameter("position")));
        } catch (SubscribeException e) {
            throw StreamHandler.problem(e);
        }
    }

    void delete(Request request, Response response) {
        request.expectParameters();
        try {
            subscriptions.delete(request.pathParameter("name"));
            response.status(204);
        } catch (SubscribeException e) {
            throw StreamHandler.problem(e);
        }
    }

    private void answer(Response response, Bookmark bookmark) throws IOException {
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        bookmark(json, bookmark);
        json.newline().flush();
    }

    private void bookmark(JsonWriter json, Bookmark bookmark) throws IOException {
        json.beginObject();
        json.name("name").value(bookmark.name());
        json.name("position").value(bookmark.position().token());
        ApiJson.time(json, "updated", bookmark.updatedNs());
        json.name("lag_records").value(subscriptions.behind(bookmark));
        json.endObject();
    }
}
