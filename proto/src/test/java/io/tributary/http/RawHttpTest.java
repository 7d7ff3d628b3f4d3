package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no polite client sends. */
class RawHttpTest {
    private static final String ALIVE = "GET /n/alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private final CountDownLatch streamEnded = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> streamFailure = new AtomicReference<>();
    private final CountDownLatch goneTold = new CountDownLatch(1);
    private TestServer http = new TestServer(new Router());

    @BeforeEach
    void start() {
        Router router = new Router()
                .get("/n/{n}", (request, response) -> response.send("text/plain", request.pathParameter("n") + ";"))
                .route(
                        "POST",
                        "/n/{n}",
                        (request, response) -> response.send("text/plain", "got " + request.body().length + ";"))
                .get("/endless", this::endless);
        http.close();
        http = new TestServer(TestServer.options(2, 8, Duration.ofMillis(300)), router);
    }

    @AfterEach
    void stillAnswers() {
        try (RawClient raw = http.raw()) {
            assertThat(raw.send(ALIVE).readToEnd())
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("alive;");
        }
        http.close();
    }

    private void endless(Request request, Response response) throws IOException {
        response.onGone(goneTold::countDown);
        try {
            OutputStream body = response.stream("text/plain");
            byte[] bytes = new byte[10_000];
            while (true) {
                body.write(bytes);
            }
        } catch (IOException e) {
            streamFailure.set(e);
            throw e;
        } finally {
            streamEnded.countDown();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GARBAGE                                   | 400 | this is not HTTP/1.1
            GET / HTTP/1.1                            | 400 | the request has 0 Host headers, expected 1
            GET / HTTP/1.1~Host: a~Host: b            | 400 | the request has 2 Host headers, expected 1
            GET / HTTP/1.1~Host: a~bad header         | 400 | this is not HTTP/1.1
            GET / HTTP/1.1~Host : a                   | 400 | this is not HTTP/1.1
            GET http://other/ HTTP/1.1~Host: a        | 400 | expected an absolute path
            GET nowhere HTTP/1.1~Host: a              | 400 | expected an absolute path
            GET / HTTP/2.0~Host: a                    | 505 | expected HTTP/1.1
            POST /n/1 HTTP/1.1~Host: a~Content-Length: 5000 | 413 | the body is 5000 bytes, expected at most 4KiB
            POST /n/1 HTTP/1.1~Host: a~Content-Length: -1   | 400 | this is not HTTP/1.1
            POST /n/1 HTTP/1.1~Host: a~Content-Length: 1~Content-Length: 2 | 400 | this is not HTTP/1.1
            POST /n/1 HTTP/1.1~Host: a~Expect: wonders      | 417 | expected 100-continue
            """)
    void badRequest_isToldAndClosed(String request, int status, String detail) {
        try (RawClient raw = http.raw()) {
            String answer = raw.send(request.replace("~", "\r\n") + "\r\n\r\n").readToEnd();
            assertThat(answer).startsWith("HTTP/1.1 " + status).contains(detail).contains("connection: close");
        }
    }

    @Test
    void longLineAndHeader_areRefused() {
        try (RawClient raw = http.raw()) {
            assertThat(raw.send("GET /" + "x".repeat(600)).readToEnd())
                    .startsWith("HTTP/1.1 414")
                    .contains("longer than 512B");
        }
        try (RawClient raw = http.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + "x".repeat(3000))
                            .readToEnd())
                    .startsWith("HTTP/1.1 431")
                    .contains("longer than 2KiB");
        }
    }

    @Test
    void chunkedBodyBeyondLimit_isRefusedWhileItArrives() {
        try (RawClient raw = http.raw()) {
            raw.send("POST /n/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            raw.send("1000\r\n" + "x".repeat(4096) + "\r\n").send("1\r\nx\r\n");
            assertThat(raw.readToEnd()).startsWith("HTTP/1.1 413").contains("expected at most 4KiB");
        }
    }

    @Test
    void expectContinue_isAnswered() {
        try (RawClient raw = http.raw()) {
            raw.send("POST /n/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
            raw.readUntil("100 Continue\r\n\r\n");
            raw.send("abc");
            assertThat(raw.readUntil("got 3;")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void slowHeader_timesOut() {
        try (RawClient raw = http.raw()) {
            assertThat(raw.send("GET / HT").readToEnd())
                    .startsWith("HTTP/1.1 408")
                    .contains("not complete after 300 ms");
        }
    }

    @Test
    void pipelinedRequests_areAnsweredInOrder() {
        StringBuilder requests = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String path = i % 3 == 2 ? "/nowhere" : "/n/" + i;
            requests.append("GET ").append(path).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
            expected.add(i % 3 == 2 ? "404" : i + ";");
        }
        try (RawClient raw = http.raw()) {
            Thread sender = new Thread(() -> raw.send(requests + ALIVE));
            sender.start();
            String all = raw.readToEnd();
            int at = 0;
            for (String answer : expected) {
                int found = all.indexOf(answer, at);
                assertThat(found).as(answer).isGreaterThanOrEqualTo(0);
                at = found + answer.length();
            }
            assertThat(all).endsWith("alive;");
        }
    }

    @Test
    void http10_isAnsweredAndClosed() {
        try (RawClient raw = http.raw()) {
            assertThat(raw.send("GET /n/old HTTP/1.0\r\n\r\n").readToEnd())
                    .startsWith("HTTP/1.1 200")
                    .endsWith("old;");
        }
    }

    @Test
    void clientThatDisappears_endsTheStream() throws Exception {
        RawClient raw = http.raw();
        raw.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("HTTP/1.1 200 OK");
        raw.reset();
        assertThat(streamEnded.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(streamFailure.get()).isInstanceOf(ClientGoneException.class);
        assertThat(goneTold.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> http.metric("tributary_http_responses_aborted_total") == 1);
    }

    @Test
    void clientThatDoesNotRead_blocksOnlyItsWorker() {
        try (RawClient raw = http.raw()) {
            raw.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("HTTP/1.1 200 OK");
            assertThat(http.get("/n/other").body()).isEqualTo("other;");
        }
    }

    @Test
    void tooManyConnections_areToldAndClosed() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawClient raw = http.raw();
            clients.add(raw);
            raw.send("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("1;");
        }
        try (RawClient oneMore = http.raw()) {
            assertThat(oneMore.readToEnd()).startsWith("HTTP/1.1 503").contains("Retry-After");
        }
        assertThat(http.metric("tributary_http_connections_refused_total")).isEqualTo(1);
        clients.forEach(RawClient::close);
        await().until(() -> http.metric("tributary_http_connections") == 0);
    }

    @Test
    void connectionsThatAskNothing_giveWay() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawClient raw = http.raw();
            clients.add(raw);
            raw.send("GET /n/1 HTTP/1.1\r\nHost");
        }
        await().until(() -> http.metric("tributary_http_connections") == 20);
        for (int i = 0; i < 30; i++) {
            try (RawClient honest = http.raw()) {
                honest.send("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("1;");
            }
        }
        assertThat(http.metric("tributary_http_connections_evicted_total")).isGreaterThanOrEqualTo(1);
        assertThat(http.metric("tributary_http_connections_refused_total")).isZero();
        clients.forEach(RawClient::close);
        await().until(() -> http.metric("tributary_http_connections") == 0);
    }

    @Test
    void randomBytes_neverHarm() {
        Random random = new Random(42);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[1 + random.nextInt(300)];
            random.nextBytes(bytes);
            RawClient raw = http.raw();
            raw.send(bytes);
            raw.reset();
        }
        await().until(() -> http.metric("tributary_http_connections") == 0);
    }

    @Test
    void manyPipelinedRequests_areAllAnswered() {
        StringBuilder requests = new StringBuilder();
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            requests.append("GET /n/").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
            answers.append(i).append(';');
        }
        try (RawClient raw = http.raw()) {
            String all = raw.send(requests + ALIVE).readToEnd();
            assertThat(all.replaceAll("HTTP/1.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n", ""))
                    .isEqualTo(answers + "alive;");
        }
    }

    @Test
    void clientThatSendsNoMore_getsItsAnswers() {
        try (RawClient raw = http.raw()) {
            raw.send("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: x\r\n\r\n")
                    .endOutput();
            assertThat(raw.readToEnd()).contains("1;").endsWith("2;");
        }
    }

    @Test
    void clientThatIsGone_isNoticedWhileItsAnswerIsComputed() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        Router router = new Router().get("/think", (request, response) -> {
            response.onGone(told::countDown);
            asked.countDown();
            try {
                if (told.await(20, TimeUnit.SECONDS)) {
                    response.send("text/plain", "late");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        try (TestServer thinking = new TestServer(router)) {
            try (RawClient raw = thinking.raw()) {
                raw.send("GET /think HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
