package io.tributary.sim.verify;

import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the collector is, and what it wants to see.
 *
 * @param uri for example {@code http://127.0.0.1:8480}
 * @param token of its HTTP API; null when it asks for none
 * @param ca PEM of the authority that its certificate is of; null for those that Java trusts
 */
public record CollectorAccess(
        URI uri, @Nullable String token, @Nullable Path ca) {
    /** Without a token. */
    public static CollectorAccess open(URI uri) {
        return new CollectorAccess(uri, null, null);
    }

    HttpClient client() throws IOException {
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
        if (ca != null) {
            client.sslContext(new TlsFiles(null, null, ca).context());
        }
        return client.build();
    }

    HttpRequest.Builder request(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return uri.toString();
    }
}
