package io.tributary.sim.verify;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Reads all readings of a device, page by page: the token for the next one is in the header {@code Tributary-Next}, absent
 * at the end, and goes back as the parameter {@code next}. A device that the collector does not know has an empty answer;
 * 404 is none: whoever gives it is no collector, and everything would look lost.
 */
final class CollectorReadings {
    private static final String NEXT_HEADER = "Tributary-Next";
    /** What 64 bits of nanoseconds can tell, in whole years. */
    private static final String FROM = "1678-01-01T00:00:00Z";

    private static final String TO = "2262-01-01T00:00:00Z";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int SHOWN_BYTES = 500;

    private final CollectorAccess access;
    private final HttpClient client;
    private final String base;
    private final int pageReadings;
    private final ReadingParser parser = new ReadingParser();

    /** @throws IOException the authority's file cannot be used */
    CollectorReadings(CollectorAccess access, int pageReadings) throws IOException {
        this.access = access;
        this.client = access.client();
        String text = access.uri().toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.pageReadings = pageReadings;
    }

    /** @throws IOException when the collector cannot be asked, or answers with something else than readings */
    void read(String device, ReadingParser.Consumer consumer) throws IOException, InterruptedException {
        String next = "";
        do {
            String url = base + "/api/v1/readings?device=" + encode(device) + "&from=" + encode(FROM) + "&to="
                    + encode(TO) + "&limit=" + pageReadings + "&format=ndjson"
                    + (next.isEmpty() ? "" : "&next=" + encode(next));
            String after = page(url, device, consumer);
            if (!after.isEmpty() && after.equals(next)) {
                throw new IOException("GET " + url + ": the token for the next page is the one of this page");
            }
            next = after;
        } while (!next.isEmpty());
    }

    /** The token for the page behind this one; empty at the end. */
    private String page(String url, String device, ReadingParser.Consumer consumer)
            throws IOException, InterruptedException {
        HttpRequest request = access.request(url).timeout(PATIENCE).build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new IOException("cannot read from the collector " + base + ": " + describe(e), e);
        }
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                String problem = new String(body.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8);
                throw new IOException("GET " + url + " -> " + response.statusCode() + ": " + problem);
            }
            parser.parse(body, (of, channel, timeNs, value) -> {
                if (of != null && !of.equals(device)) {
                    throw new IOException("GET " + url + " answered with readings of device \"" + of + "\"");
                }
                consumer.reading(of, channel, timeNs, value);
            });
        }
        return response.headers().firstValue(NEXT_HEADER).orElse("");
    }

    private static String describe(IOException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
