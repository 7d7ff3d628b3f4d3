package io.tributary.agent.source.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Contexts;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpSourceTest {
    @TempDir
    Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final HttpClient client = HttpClient.newHttpClient();
    private FlakyIntake intake = new FlakyIntake(1, 0);
    private Source source = new Closed();

    /** Until a test has started one. */
    private static final class Closed implements Source {
        @Override
        public String name() {
            return "closed";
        }

        @Override
        public void start() {}

        @Override
        public String endpoint() {
            return "";
        }

        @Override
        public void close() {}
    }

    @AfterEach
    void close() {
        source.close();
        intake.close();
    }

    private void start(String keys) throws Exception {
        source = Contexts.config(HttpConfig.class, "listen: 127.0.0.1:0\n" + keys)
                .open(Contexts.context(intake, new SystemClock(), directory, registry));
        source.start();
    }

    private HttpResponse<String> post(String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + source.endpoint() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static byte[] gzip(byte[] bytes) throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "/write,7",
        "/write?precision=ns&db=x,7",
        "/write?precision=us,7000",
        "/api/v2/write?precision=ms&org=o&bucket=b,7000000",
        "/api/v2/write?precision=s,7000000000"
    })
    void lines_areTakenWithTheRequestsPrecision(String path, long time) throws Exception {
        start("");
        assertThat(post(path, "m,device=d a=1.5 7\n# comment\nm,device=d b=2i 7")
                        .statusCode())
                .isEqualTo(204);
        assertThat(Contexts.shown(intake.taken())).containsExactly("d a@" + time + "=1.5", "d b@" + time + "=2");
    }

    @Test
    void badLines_areTold_keptAsALetter_andTheOthersAreTaken() throws Exception {
        start("");
        HttpResponse<String> answer = post("/write", "m,device=d a=1 1\nnonsense\nm a=1 3\nm,device=d a=4 4\n");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body())
                .contains("\"line\":\"2\"")
                .contains("1 more lines")
                .contains("2 readings");
        assertThat(intake.readings()).isEqualTo(2);
        assertThat(intake.letters()).singleElement().asString().startsWith("malformed-line: line 2: ");
    }

    @Test
    void rowsOfJson_areTakenAsAWhole_orNotAtAll() throws Exception {
        start("");
        String good =
                "[{\"device\":\"d\",\"time\":\"1970-01-01T00:00:01Z\",\"values\":{\"t\":20.5,\"door\":{\"open\":true}}}]";
        assertThat(post("/v1/readings", good).statusCode()).isEqualTo(204);
        assertThat(Contexts.shown(intake.taken()))
                .containsExactlyInAnyOrder("d t@1000000000=20.5", "d door.open@1000000000=1");
        HttpResponse<String> bad = post("/v1/readings", good.replace("}]", "},{\"values\":{\"t\":1}}]"));
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("no device");
        assertThat(intake.readings()).isEqualTo(2);
        assertThat(intake.letters()).hasSize(1);
    }

    @Test
    void limits_haveTheirStatus() throws Exception {
        start("body-bytes-max: 2KiB\ninflated-bytes-max: 4KiB\ntoken: secret");
        String token = "Bearer secret";
        assertThat(post("/write", "m,device=d a=1 1").statusCode()).isEqualTo(401);
        assertThat(post("/write", "m,device=d a=1 1", "Authorization", "Bearer other")
                        .statusCode())
                .isEqualTo(401);
        assertThat(post("/write", "m,device=d a=1 1", "Authorization", "Token secret")
                        .statusCode())
                .isEqualTo(204);
        assertThat(post("/write", "#".repeat(3000), "Authorization", token).statusCode())
                .isEqualTo(413);
        byte[] bomb = gzip(new byte[1 << 20]);
        assertThat(post("/write", bomb, "Authorization", token, "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(413);
        assertThat(post("/write", "no gzip", "Authorization", token, "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(post("/write", "x", "Authorization", token, "Content-Encoding", "br")
                        .statusCode())
                .isEqualTo(415);
        byte[] good = gzip("m,device=d a=2 2".getBytes(StandardCharsets.UTF_8));
        assertThat(post("/write?precision=ms", good, "Authorization", token, "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(204);
        assertThat(post("/write?precision=h", "", "Authorization", token).statusCode())
                .isEqualTo(400);
        assertThat(intake.readings()).isEqualTo(2);
    }

    @Test
    void refusals_areToldAsWhatTheyAre() throws Exception {
        start("");
        intake.refusals(1);
        HttpResponse<String> later = post("/write", "m,device=d a=1 1");
        assertThat(later.statusCode()).isEqualTo(503);
        assertThat(later.headers().firstValue("Retry-After")).contains("1");
        intake.refusals(0);
        intake.refuseForGood(batch -> true);
        assertThat(post("/write", "m,device=d a=1 1").statusCode()).isEqualTo(413);
    }

    @Test
    void acknowledgedReadings_areTaken_refusedOnesAreNot() throws Exception {
        intake = new FlakyIntake(5, 0.2);
        start("");
        SplittableRandom random = new SplittableRandom(5);
        long acknowledged = 0;
        for (int i = 0; i < 100; i++) {
            int lines = random.nextInt(1, 10);
            int status =
                    post("/write", ("m,device=d a=1 " + i + "\n").repeat(lines)).statusCode();
            assertThat(status).isIn(204, 503);
            acknowledged += status == 204 ? lines : 0;
        }
        assertThat(intake.readings()).isEqualTo(acknowledged).isPositive();
    }

    @Test
    void noise_isAnsweredWith400() throws Exception {
        start("");
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 40; i++) {
            byte[] noise = new byte[random.nextInt(1, 5000)];
            random.nextBytes(noise);
            noise[0] = '{';
            assertThat(post(i % 2 == 0 ? "/write" : "/v1/readings", noise).statusCode())
                    .isEqualTo(400);
        }
        assertThat(intake.readings()).isZero();
        assertThat(intake.letters()).hasSize(40);
    }
}
