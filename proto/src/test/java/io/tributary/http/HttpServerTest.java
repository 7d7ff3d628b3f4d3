package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.config.HostPort;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private static final String TEXT = "text/plain; charset=utf-8";

    private static void echo(Request request, Response response) throws IOException {
        response.send(
                TEXT,
                request.method() + " " + request.pathParameter("name") + " " + request.parameters() + " "
                        + request.bodyText());
    }

    private static void million(Request request, Response response) throws IOException {
        OutputStream body = response.stream(TEXT);
        for (int i = 0; i < 100_000; i++) {
            body.write("0123456789".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static Router router() {
        return new Router()
                .get("/echo/{name}", HttpServerTest::echo)
                .route("POST", "/echo/{name}", HttpServerTest::echo)
                .get("/million", HttpServerTest::million)
                .get("/fails", (request, response) -> {
                    throw new IllegalStateException("secret");
                })
                .get("/refuses", (request, response) -> {
                    response.send(TEXT, "thrown away");
                    throw ProblemException.badParameter("limit", "x\n", "expected a number");
                })
                .get("/breaks", (request, response) -> {
                    million(request, response);
                    throw new IllegalStateException("after the head");
                });
    }

    @Test
    void request_isTakenApart() {
        try (TestServer http = new TestServer(router())) {
            assertThat(http.get("/echo/a%2Fb%20%C3%A9?x=1&x=2+3&y=%26&flag").body())
                    .isEqualTo("GET a/b é {x=[1, 2 3], y=[&], flag=[]} ");
            HttpRequest post = http.request("/echo/p")
                    .POST(HttpRequest.BodyPublishers.ofString("héllo"))
                    .build();
            assertThat(http.send(post).body()).isEqualTo("POST p {} héllo");
        }
    }

    @Test
    void smallResponse_hasLengthAndSafeHeaders() {
        try (TestServer http = new TestServer(router())) {
            HttpResponse<String> response = http.get("/echo/x");
            assertThat(response.headers().firstValue("Content-Length")).contains("9");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(http.metric("tributary_http_requests_total", "/echo/{name}", "200"))
                    .isEqualTo(1);
            assertThat(http.metric("tributary_http_connections")).isEqualTo(1);
        }
    }

    @Test
    void largeResponse_isChunked() {
        try (TestServer http = new TestServer(router());
                RawClient raw = http.raw()) {
            String all = raw.send("GET /million HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .readToEnd();
            assertThat(all).contains("transfer-encoding: chunked").endsWith("\r\n0\r\n\r\n");
            assertThat(http.get("/million").body()).hasSize(1_000_000);
        }
    }

    @Test
    void gzip_whenAccepted() throws Exception {
        try (TestServer http = new TestServer(router())) {
            HttpRequest request = http.request("/million")
                    .header("Accept-Encoding", "br, gzip;q=0.8")
                    .build();
            HttpResponse<byte[]> response = http.client.send(request, BodyHandlers.ofByteArray());
            assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
            assertThat(response.body()).hasSizeLessThan(20_000);
            byte[] plain = new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
            assertThat(plain).hasSize(1_000_000);
        }
        assertThat(Dispatcher.acceptsGzip("gzip;q=0")).isFalse();
        assertThat(Dispatcher.acceptsGzip("*")).isTrue();
        assertThat(Dispatcher.acceptsGzip("identity")).isFalse();
    }

    @Test
    void head_leavesTheBodyOut() {
        try (TestServer http = new TestServer(router())) {
            for (String path : new String[] {"/echo/x", "/million"}) {
                HttpResponse<String> head = http.send(http.request(path)
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build());
                assertThat(head.statusCode()).isEqualTo(200);
                assertThat(head.body()).isEmpty();
            }
            assertThat(http.get("/echo/x").body()).isEqualTo("GET x {} ");
        }
    }

    @Test
    void options_listsMethods() {
        try (TestServer http = new TestServer(router())) {
            HttpResponse<String> response = http.send(http.request("/echo/x")
                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                    .build());
            assertThat(response.statusCode()).isEqualTo(204);
            assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS, POST");
        }
    }

    @Test
    void problems_sayValueExpectationAndPlace() {
        try (TestServer http = new TestServer(router())) {
            assertThat(http.get("/milion").body())
                    .isEqualTo(
                            "{\"type\":\"about:blank\",\"title\":\"Not found\",\"status\":404,\"detail\":"
                                    + "\"nothing is at \\\"/milion\\\"; did you mean \\\"/million\\\"?\",\"instance\":\"/milion\"}\n");
            HttpResponse<String> wrongMethod =
                    http.send(http.request("/million").DELETE().build());
            assertThat(wrongMethod.statusCode()).isEqualTo(405);
            assertThat(wrongMethod.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
            assertThat(wrongMethod.body()).contains("expected one of GET, HEAD, OPTIONS");
            HttpResponse<String> refused = http.get("/refuses");
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(refused.body())
                    .contains("parameter limit is \\\"x?\\\", expected a number")
                    .contains("\"parameter\":\"limit\"");
            assertThat(http.get("/echo/%ff").body()).contains("expected percent-encoded UTF-8");
            assertThat(http.get("/echo/x?a=%C3").body()).contains("expected percent-encoded UTF-8");
        }
    }

    @Test
    void fault_isNotTold() {
        try (TestServer http = new TestServer(router())) {
            HttpResponse<String> response = http.get("/fails");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).doesNotContain("secret");
            assertThat(http.get("/echo/x").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void faultAfterTheHead_cutsTheConnection() {
        try (TestServer http = new TestServer(router())) {
            assertThatThrownBy(() -> http.get("/breaks")).hasRootCauseInstanceOf(IOException.class);
            await().until(() -> http.metric("tributary_http_responses_aborted_total") == 1);
            try (RawClient raw = http.raw()) {
                String part =
                        raw.send("GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n").readToEnd();
                assertThat(part).doesNotEndWith("0\r\n\r\n");
            }
        }
    }

    @Test
    void busyWorkers_refuseWithRetryAfter_whileProbesAnswer() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        Router router = new Router().probe("/healthz", HealthHandler.live()).get("/slow", (request, response) -> {
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            response.send(TEXT, "done");
        });
        try (TestServer http = new TestServer(TestServer.options(1, 1, Duration.ofSeconds(30)), router)) {
            CompletableFuture<HttpResponse<String>> first =
                    http.client.sendAsync(http.request("/slow").build(), BodyHandlers.ofString());
            assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<HttpResponse<String>> second =
                    http.client.sendAsync(http.request("/slow").build(), BodyHandlers.ofString());
            await().until(() -> http.metric("tributary_http_queued_requests") == 1);
            HttpResponse<String> third = http.get("/slow");
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("Retry-After")).contains("2");
            assertThat(http.get("/healthz").body()).isEqualTo("ok\n");
            release.countDown();
            assertThat(first.get().body()).isEqualTo("done");
            assertThat(second.get().body()).isEqualTo("done");
        }
    }

    @Test
    void readiness_tellsTheReason() {
        AtomicReference<@Nullable String> reason = new AtomicReference<>("storage cannot write: disk full");
        try (TestServer http = new TestServer(new Router().probe("/readyz", HealthHandler.ready(reason::get)))) {
            HttpResponse<String> response = http.get("/readyz");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.body()).contains("storage cannot write: disk full");
            reason.set(null);
            assertThat(http.get("/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void metrics_areText() {
        Router router = new Router();
        try (TestServer http = new TestServer(router)) {
            router.probe("/metrics", new MetricsHandler(http.registry));
            http.get("/nowhere");
            HttpResponse<String> response = http.get("/metrics");
            assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            assertThat(response.body()).contains("tributary_http_requests_total{route=\"none\",status=\"404\"} 1.0");
        }
    }

    @Test
    void occupiedPort_isNamed_andCanBeTriedAgain() throws Exception {
        TestServer first = new TestServer(new Router());
        HttpServer second = new HttpServer(
                HttpServerOptions.on(new HostPort("127.0.0.1", first.port())), new Router(), new PrometheusRegistry());
        assertThatThrownBy(second::start)
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen for HTTP on 127.0.0.1:" + first.port() + ": the address is in use");
        first.close();
        second.start();
        second.close();
        second.close();
    }

    @Test
    void close_letsRunningRequestsFinish() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Router router = new Router().get("/slow", (request, response) -> {
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            response.send(TEXT, "done");
        });
        TestServer http = new TestServer(router);
        CompletableFuture<HttpResponse<String>> answer =
                http.client.sendAsync(http.request("/slow").build(), BodyHandlers.ofString());
        assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(http::close);
        await().until(() -> http.server.isClosing());
        release.countDown();
        assertThat(answer.get().body()).isEqualTo("done");
        closed.get(30, TimeUnit.SECONDS);
    }
}
