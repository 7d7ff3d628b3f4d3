package io.tributary.deploy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One request over a connection of its own: the status is the word, the body what was said. */
record HttpsCall(X509Certificate authority, int port) {
    /** What a path says to everybody. */
    static String text(X509Certificate authority, int port, String path) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(Identity.context(authority, null))
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    Outcome make(String method, String path, String body, @Nullable String token, @Nullable Identity own)
            throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Identity.context(authority, own))
                .build();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() / 100 == 2
                    ? Outcome.TAKEN
                    : new Outcome(String.valueOf(response.statusCode()), response.body());
        } catch (SSLException e) {
            return Outcome.ALERT;
        } catch (IOException e) {
            return new Outcome("closed", "");
        }
    }
}
