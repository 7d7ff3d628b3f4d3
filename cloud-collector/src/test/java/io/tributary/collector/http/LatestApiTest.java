package io.tributary.collector.http;

import static io.tributary.collector.http.ApiFixture.COUNT;
import static io.tributary.collector.http.ApiFixture.TEMPERATURE;
import static io.tributary.collector.http.ApiFixture.ns;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LatestApiTest {
    private static final long NOON = ns("2025-12-31T12:00:00Z");
    private static final int DEVICES = 7;

    private final ApiFixture api = new ApiFixture();

    @BeforeEach
    void fill() {
        for (int i = 0; i < DEVICES; i++) {
            api.readings
                    .add("é" + i, TEMPERATURE, NOON, 20.0 + i)
                    .add("é" + i, TEMPERATURE, NOON + 1_000_000_000L, 30.0 + i)
                    .add("é" + i, COUNT, NOON, (long) i);
        }
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void pages_haveEveryDeviceOnce() {
        String all = api.get("/api/v1/latest?format=ndjson").body();
        assertThat(all.lines()).hasSize(2 * DEVICES);
        for (int limit = 1; limit <= DEVICES + 1; limit++) {
            List<String> pages = new ArrayList<>();
            String path = "/api/v1/latest?format=ndjson&limit=" + limit;
            while (true) {
                HttpResponse<String> page = api.get(path);
                assertThat(page.body().lines()).hasSizeLessThanOrEqualTo(2 * limit);
                pages.add(page.body());
                if (page.headers().firstValue("Link").isEmpty()) {
                    break;
                }
                path = page.headers().firstValue("Link").get().replaceAll("<(.*)>.*", "$1");
            }
            assertThat(String.join("", pages)).isEqualTo(all);
            assertThat(pages).hasSize((DEVICES + limit - 1) / limit);
        }
    }

    @Test
    void json_tellsHowToGoOn() {
        HttpResponse<String> page = api.get("/api/v1/latest?device=%C3%A9*&channel=count&format=table&limit=2");
        String token = page.headers().firstValue("Tributary-Next").orElseThrow();
        assertThat(page.body()).contains("\"next\":\"" + token + "\"").contains("[\"é1\",");
        HttpResponse<String> rest = api.get("/api/v1/latest?channel=count&format=table&next=" + token);
        assertThat(rest.body()).startsWith("{\"rows\":[\n[\"é2\",").doesNotContain("next");
    }

    @Test
    void whatIsNoToken_isRefused() {
        for (String token : List.of("%21", "_w")) {
            HttpResponse<String> refused = api.get("/api/v1/latest?next=" + token);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("expected the \\\"next\\\" of an earlier answer");
        }
        assertThat(api.get("/api/v1/latest?limit=0").statusCode()).isEqualTo(400);
    }
}
