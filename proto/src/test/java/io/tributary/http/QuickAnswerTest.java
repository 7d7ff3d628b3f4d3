package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a handler calls quick is answered on the event loop, unless others would have to wait for it. */
class QuickAnswerTest {
    private static final String TEXT = "text/plain; charset=utf-8";

    /** Tells which thread it runs on. */
    private record Handler(Answer answer, boolean quick) implements HttpHandler {
        interface Answer {
            void to(Response response) throws IOException;
        }

        @Override
        public void handle(Request request, Response response) throws IOException {
            answer.to(response);
        }

        @Override
        public boolean isQuick(Request request) {
            if (request.parameter("broken") != null) {
                throw ProblemException.badRequest("not for isQuick to say");
            }
            return quick;
        }
    }

    private static String thread() {
        return Thread.currentThread().getName().replaceAll("-[0-9].*", "");
    }

    private static void large(Response response) throws IOException {
        OutputStream body = response.stream(TEXT);
        for (int i = 0; i < 50_000; i++) {
            body.write("0123456789".getBytes(StandardCharsets.US_ASCII));
            body.flush();
        }
    }

    private static Router router() {
        Handler.Answer name = response -> response.send(TEXT, thread());
        return new Router()
                .get("/quick", new Handler(name, true))
                .get("/slow", new Handler(name, false))
                .get("/large", new Handler(QuickAnswerTest::large, true))
                .get(
                        "/refuses",
                        new Handler(
                                response -> {
                                    throw ProblemException.badRequest("on " + thread());
                                },
                                true));
    }

    @Test
    void quickRequest_isAnsweredWhereItWasRead() {
        try (TestServer http = new TestServer(router())) {
            assertThat(http.get("/quick").body()).isEqualTo("http-io");
            assertThat(http.get("/slow").body()).isEqualTo("http-worker");
            assertThat(http.get("/quick?broken").body()).isEqualTo("http-worker");
            assertThat(http.get("/refuses").body()).contains("on http-io").contains("\"status\":400");
            assertThat(http.get("/quick").body()).isEqualTo("http-io");
        }
    }

    @Test
    void compressedAnswer_isForWorkers() {
        try (TestServer http = new TestServer(router())) {
            HttpRequest request =
                    http.request("/quick").header("Accept-Encoding", "gzip").build();
            assertThat(http.send(request).body()).isEqualTo("http-worker");
        }
    }

    /** Nobody could wait for the client to read. */
    @Test
    void quickAnswer_isSentWhole() {
        try (TestServer http = new TestServer(router())) {
            HttpResponse<String> response = http.get("/large");
            assertThat(response.body()).hasSize(500_000).startsWith("01234").endsWith("56789");
            assertThat(response.headers().firstValue("Content-Length")).contains("500000");
        }
    }

    @Test
    void requestsSentAhead_doNotKeepTheEventLoop() {
        try (TestServer http = new TestServer(router());
                RawClient raw = http.raw()) {
            String ask = "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n";
            String last = "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            String all = raw.send(ask.repeat(30) + last).readToEnd();
            assertThat(all.split("HTTP/1.1 200 OK", -1)).hasSize(1 + 31);
            assertThat(all).contains("http-io").contains("http-worker");
        }
    }

    @Test
    void quickAnswers_goOnWhileEveryWorkerIsBusy() {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(4);
        Router router = router().get("/waits", (request, response) -> {
            busy.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (TestServer http = new TestServer(router)) {
            for (int i = 0; i < 4; i++) {
                var unused =
                        http.client.sendAsync(http.request("/waits").build(), HttpResponse.BodyHandlers.discarding());
            }
            busy.await();
            assertThat(http.get("/quick").body()).isEqualTo("http-io");
            free.countDown();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            free.countDown();
        }
    }
}
