package io.tributary.collector.http;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.subscribe.ReadingSink;
import io.tributary.collector.subscribe.StreamRequest;
import io.tributary.collector.subscribe.SubscribeException;
import io.tributary.collector.subscribe.Subscription;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.http.HttpHandler;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import io.tributary.http.TextOutput;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Quality;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** {@code GET /api/v1/stream}: server-sent events, one answer for as long as the client listens. */
final class StreamHandler implements HttpHandler {
    private final Subscriptions subscriptions;
    private final InstantSource clock;

    StreamHandler(Subscriptions subscriptions, InstantSource clock) {
        this.subscriptions = subscriptions;
        this.clock = clock;
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        try (Subscription subscription = subscriptions.open(request(request))) {
            response.onGone(subscription::cancel);
            response.header("Cache-Control", "no-store");
            OutputStream out = response.stream("text/event-stream; charset=utf-8");
            Events events =
                    new Events(out, (int) subscriptions.limits().eventBytesMax().bytes());
            events.heartbeat(subscription.position()); // headers go out, and the client knows where it begins
            while (!subscription.isCancelled()) {
                if (!subscription.poll(events)) {
                    events.heartbeat(subscription.position());
                }
            }
        } catch (SubscribeException e) {
            throw problem(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server is closing");
        }
    }

    private StreamRequest request(Request request) {
        request.expectParameters("device", "channel", "from", "position", "bookmark", "commit");
        ApiParameters parameters = new ApiParameters(request, clock.instant());
        List<Glob> channels = new ArrayList<>();
        parameters.list("channel").forEach(channel -> channels.add(new Glob(channel)));
        String from = parameters.text("from");
        Long fromNs = from == null || from.equals("now")
                ? null
                : from.equals("oldest") ? Long.valueOf(Long.MIN_VALUE) : Long.valueOf(parameters.time("from", 0));
        String commit = parameters.text("commit");
        if (commit != null && !commit.equals("auto") && !commit.equals("explicit")) {
            throw ProblemException.badParameter("commit", commit, "expected auto or explicit");
        }
        String last = request.header("Last-Event-ID");
        return new StreamRequest(
                parameters.glob("device"),
                channels,
                last != null && !last.isEmpty() ? last : parameters.text("position"),
                parameters.text("bookmark"),
                "auto".equals(commit),
                fromNs);
    }

    static ProblemException problem(SubscribeException e) {
        String detail = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case INVALID -> ProblemException.badRequest(detail);
            case UNKNOWN -> new ProblemException(404, "Not found", detail);
            case IN_USE -> new ProblemException(409, "Conflict", detail);
            case EXHAUSTED, CLOSING -> new ProblemException(503, "Busy", detail).withHeader("Retry-After", "5");
        };
    }

    /** Writes events; each record of the log ends with its position as the ID of its last event. */
    private static final class Events implements ReadingSink {
        private final OutputStream out;
        private final int bytesMax;
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private JsonWriter json = new JsonWriter(new TextOutput(data));
        private int readings;

        Events(OutputStream out, int bytesMax) {
            this.out = out;
            this.bytesMax = bytesMax;
        }

        @Override
        public void reading(
                String device,
                Channel channel,
                long eventTimeNs,
                long edgeTimeNs,
                long collectorTimeNs,
                Column values,
                int index)
                throws IOException {
            if (readings++ == 0) {
                data.reset();
                json = new JsonWriter(new TextOutput(data));
                json.beginObject().name("readings").beginArray();
            }
            json.beginObject();
            json.name("device").value(device);
            json.name("channel").value(channel.name());
            ApiJson.time(json, "event_time", eventTimeNs);
            ApiJson.time(json, "edge_time", edgeTimeNs);
            ApiJson.time(json, "collector_time", collectorTimeNs);
            json.name("value");
            switch (channel.type()) {
                case DOUBLE -> json.value(values.doubles()[index]);
                case LONG -> json.value(values.longs()[index]);
                case BOOL -> json.value(values.longs()[index] != 0);
                case STRING -> json.value(values.strings()[index]);
            }
            int quality = values.qualityAt(index);
            json.name("quality").value(Quality.severity(quality));
            if (quality != Quality.GOOD) {
                json.name("quality_code").value(quality);
            }
            json.name("type").value(ReadingsOutput.word(channel.type()));
            if (!channel.unit().isEmpty()) {
                json.name("unit").value(channel.unit());
            }
            json.endObject();
            if (json.output().bytes() >= bytesMax) {
                event("");
            }
        }

        @Override
        public void missed(long records) throws IOException {
            text("event: gap\ndata: {\"missed_records\":" + records
                    + ",\"detail\":\"the log has dropped them, or they cannot be read; the stream goes on behind"
                    + " them\"}\n\n");
        }

        @Override
        public void position(LogPosition position) throws IOException {
            if (readings > 0) {
                event("id: " + position.token() + "\n");
                out.flush();
            }
        }

        /** A comment, and the position: readings that the filter leaves out move it, too. */
        void heartbeat(LogPosition position) throws IOException {
            text(": heartbeat\nid: " + position.token() + "\n\n");
            out.flush();
        }

        private void event(String id) throws IOException {
            json.endArray().endObject().flush();
            text("event: readings\n" + id + "data: ");
            data.writeTo(out);
            text("\n\n");
            readings = 0;
        }

        private void text(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
