package io.tributary.collector.http;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.SchemaChange;
import io.tributary.collector.catalog.ScopedCatalog;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** {@code GET /api/v1/devices} and {@code /api/v1/devices/{device}}. */
final class DevicesHandler {
    private static final int LIMIT_WHEN_ABSENT = 1000;
    private static final int LIMIT_MAX = 10_000;

    private final CatalogReader catalog;

    DevicesHandler(CatalogReader catalog) {
        this.catalog = catalog;
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters("match", "tag", "limit", "after");
        ApiParameters parameters = new ApiParameters(request, Instant.EPOCH);
        int limit = (int) parameters.limit(LIMIT_WHEN_ABSENT, LIMIT_MAX);
        // One more tells whether there is a next page.
        List<DeviceEntry> devices = seenBy(request)
                .devices(parameters.glob("match"), parameters.tags(), limit + 1, parameters.text("after"));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("devices").beginArray();
        for (DeviceEntry device : devices.subList(0, Math.min(limit, devices.size()))) {
            json.breakLine().beginObject();
            device(json, device);
            json.endObject();
        }
        json.endArray();
        if (devices.size() > limit) {
            json.name("next").value(devices.get(limit - 1).id());
        }
        json.endObject().newline().flush();
    }

    void one(Request request, Response response) throws IOException {
        request.expectParameters();
        String id = request.pathParameter("device");
        DeviceDetail detail = seenBy(request).device(id);
        if (detail == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "device " + ProblemException.quoted(id)
                            + " is unknown, expected one that has sent a reading; GET /api/v1/devices lists them");
        }
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject();
        device(json, detail.device());
        json.name("channels").beginArray();
        for (ChannelEntry channel : detail.channels()) {
            json.breakLine();
            channel(json, channel);
        }
        json.endArray().endObject().newline().flush();
    }

    private CatalogReader seenBy(Request request) {
        return request.caller().isScoped()
                ? new ScopedCatalog(catalog, request.caller().scope())
                : catalog;
    }

    private static void device(JsonWriter json, DeviceEntry device) throws IOException {
        json.name("device").value(device.id());
        ApiJson.texts(json, "tags", device.tags());
        ApiJson.time(json, "first_event_time", device.firstEventTimeNs());
        ApiJson.time(json, "last_event_time", device.lastEventTimeNs());
    }

    private static void channel(JsonWriter json, ChannelEntry entry) throws IOException {
        json.beginObject();
        json.name("channel").value(entry.channel().name());
        json.name("type").value(ReadingsOutput.word(entry.channel().type()));
        json.name("unit").value(entry.channel().unit());
        ApiJson.time(json, "first_event_time", entry.firstEventTimeNs());
        ApiJson.time(json, "last_event_time", entry.lastEventTimeNs());
        json.name("history").beginArray();
        for (SchemaChange change : entry.history()) {
            json.beginObject();
            ApiJson.time(json, "collector_time", change.collectorTimeNs());
            json.name("type").value(ReadingsOutput.word(change.type()));
            json.name("unit").value(change.unit());
            json.endObject();
        }
        json.endArray().endObject();
    }
}
