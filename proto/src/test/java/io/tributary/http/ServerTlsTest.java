package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.config.HostPort;
import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a certificate that was taken back can still do at a listener that has let it in before. */
final class ServerTlsTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final AtomicLong nanos = new AtomicLong();
    private final Authority authority = Authority.create("plant", Instant.now(), DAY);

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private X509Certificate press;

    @BeforeEach
    void files() throws IOException {
        KeyPair server = Keys.create();
        Files.writeString(
                directory.resolve("server.pem"),
                Keys.pem(server.getPrivate())
                        + Authority.pem(
                                authority.forServer(server.getPublic(), List.of("127.0.0.1"), Instant.now(), DAY)));
        Files.writeString(directory.resolve("ca.crt"), Authority.pem(authority.certificate()));
        revoked(List.of());
        KeyPair client = Keys.create();
        press = authority.forAgent(client.getPublic(), "press", Instant.now(), DAY);
        Files.writeString(directory.resolve("press.pem"), Keys.pem(client.getPrivate()) + Authority.pem(press));
    }

    private void revoked(List<X509Certificate> certificates) throws IOException {
        Files.writeString(
                directory.resolve("ca.crl"),
                authority.revocations(
                        certificates.stream()
                                .map(X509Certificate::getSerialNumber)
                                .toList(),
                        Instant.now(),
                        DAY));
    }

    private HttpServer server() throws IOException {
        Path own = directory.resolve("server.pem");
        TlsFiles files = new TlsFiles(own, own, directory.resolve("ca.crt"), directory.resolve("ca.crl"));
        HttpServer server = new HttpServer(
                HttpServerOptions.on(new HostPort("127.0.0.1", 0)),
                new Router().openProbe("/ping", (request, response) -> response.status(204)),
                HttpSecurity.of(files, AccessControl.OPEN, nanos::get),
                new PrometheusRegistry());
        server.start();
        return server;
    }

    private SSLContext client() throws IOException {
        Path own = directory.resolve("press.pem");
        return new TlsFiles(own, own, directory.resolve("ca.crt")).context();
    }

    private static String ask(SSLContext client, int port, String protocol) throws IOException {
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** A client that has a session of before does not show its certificate again. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void revokedCertificate_isRefused_alsoWithASessionOfBefore(String protocol) throws Exception {
        try (HttpServer server = server()) {
            int port = server.address().getPort();
            SSLContext client = client();
            assertThat(ask(client, port, protocol)).startsWith("HTTP/1.1 204");
            assertThat(ask(client, port, protocol)).startsWith("HTTP/1.1 204");
            revoked(List.of(press));
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
            assertThatThrownBy(() -> ask(client, port, protocol)).isInstanceOf(IOException.class);
        }
    }
}
