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
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP side of a collector or an agent, as any client sees it. */
final class CollectorApi {

    private final HttpClient client;
    private final @Nullable String token;
    private final JsonMapper json = JsonMapper.shared();
    private final String base;

    /** Plain HTTP. */
    CollectorApi(String hostAndPort) {
        this.base = "http://" + hostAndPort;
        this.client = client().build();
        this.token = null;
    }

    /**
     * HTTPS.
     *
     * @param ca PEM of the authority
     * @param token shown with every request; null for none
     */
    CollectorApi(String hostAndPort, Path ca, @Nullable String token) {
        this.base = "https://" + hostAndPort;
        this.token = token;
        this.client = client().sslContext(trusting(ca)).build();
    }

    private static SSLContext trusting(Path ca) {
        try {
            return ClientTls.context(ca, null);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + ca, e);
        }
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
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
        return send("GET", path);
    }

    /** Without a body. */
    HttpResponse<String> send(String method, String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)))
                .timeout(Duration.ofSeconds(60))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + url(path), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + method + " " + url(path), e);
        }
    }

    static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
