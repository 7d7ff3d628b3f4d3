package io.tributary.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP side of a collector or an agent, as any client sees it. */
final class CollectorApi {

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final JsonMapper json = JsonMapper.shared();
    private final String base;

    CollectorApi(String hostAndPort) {
        this.base = "http://" + hostAndPort;
    }

    String url(String path) {
        return base + path;
    }

    /** A 2xx answer as JSON. */
    JsonNode json(String path) {
        return json.readTree(text(path));
    }

    /** A 2xx answer as text. */
    String text(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    "GET " + url(path) + " -> " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    /** The present metrics. */
    Metrics metrics() {
        return Metrics.parse(text("/metrics"));
    }

    HttpResponse<String> get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(path)))
                .timeout(Duration.ofSeconds(60))
                .build();
        try {
            return client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("GET " + url(path), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during GET " + url(path), e);
        }
    }

    static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
