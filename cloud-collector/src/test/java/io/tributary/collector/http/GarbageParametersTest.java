package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever is asked, the answer is one, or says what is wrong with the question: never 500, never without an end. */
class GarbageParametersTest {
    private static final List<String> CALLS =
            List.of("readings", "aggregate", "latest", "devices", "deadletters", "agents");
    private static final List<String> NAMES = List.of(
            "device",
            "tag",
            "channel",
            "from",
            "to",
            "axis",
            "order",
            "limit",
            "next",
            "where",
            "quality",
            "downsample",
            "points",
            "format",
            "every",
            "tz",
            "fn",
            "group",
            "fill",
            "hold",
            "explain",
            "match",
            "after",
            "cause");
    private static final List<String> VALUES = List.of(
            "",
            "*",
            "?",
            "d*1",
            "temperature",
            "a,b",
            ",",
            "site:north",
            ":",
            "-1h",
            "now",
            "now-1h",
            "2025-12-31",
            "0",
            "-1",
            "1",
            "100",
            "999999999999999999",
            "9223372036854775807",
            "-9223372036854775808",
            "1e9",
            "NaN",
            "2025-12-31T12:00:00Z",
            "+999999999-12-31T23:59:59Z",
            "0000-00-00",
            "-99999999999h",
            "1ns",
            "1ms",
            "1s",
            "10m",
            "1d",
            "99999999999999d",
            "avg",
            "p50",
            "p100",
            "p101",
            "p99.99999999",
            "twa",
            "avg,max,twa,p1",
            "avg,avg",
            "device",
            "none",
            "tag:site",
            "tag:",
            "null",
            "linear",
            "previous",
            "event",
            "edge",
            "collector",
            "asc",
            "desc",
            "json",
            "csv",
            "ndjson",
            "table",
            "lttb",
            "true",
            "false",
            "value>20",
            "value=",
            "x>1",
            "temperature:value<=1e308",
            "state=on",
            "value<abc",
            "good",
            "bad,good",
            "Europe/Berlin",
            "+18:00",
            "Mars/Olympus",
            "UTC+99",
            "YQoxCjIKYwpYWFg",
            "Z2EKYgoKMA",
            "bgp0ZW1wZXJhdHVyZQoKMA",
            "%",
            "\u0000",
            "\ud800",
            "😀",
            "' OR 1=1",
            "../../etc/passwd",
            "{{7*7}}");

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void garbage_isNeverAnInternalError() {
        long noon = ApiFixture.ns("2025-12-31T12:00:00Z");
        for (int i = 0; i < 50; i++) {
            api.readings
                    .add("d" + i % 3, ApiFixture.TEMPERATURE, noon + i * 1_000_000_000L, i / 4.0)
                    .add("d" + i % 3, ApiFixture.STATE, noon + i * 1_000_000_000L, i % 2 == 0 ? "on" : "off");
        }
        int answered = 0;
        for (int seed = 0; seed < 2500; seed++) {
            String path = path(new Random(seed));
            HttpResponse<String> response = api.get(path);
            assertThat(response.statusCode())
                    .as("seed %d %s %s", seed, path, response.body())
                    .isLessThan(500);
            answered += response.statusCode() == 200 ? 1 : 0;
        }
        assertThat(answered).isGreaterThan(100);
    }

    private static String path(Random random) {
        List<String> pairs = new ArrayList<>();
        String call = CALLS.get(random.nextInt(CALLS.size()));
        if (call.equals("aggregate")) {
            pairs.add("from=-1d");
        }
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String value = random.nextInt(4) == 0 ? noise(random) : VALUES.get(random.nextInt(VALUES.size()));
            pairs.add(NAMES.get(random.nextInt(NAMES.size())) + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
        return "/api/v1/" + call + "?" + String.join("&", pairs);
    }

    private static String noise(Random random) {
        StringBuilder noise = new StringBuilder();
        for (int length = random.nextInt(30); length > 0; length--) {
            noise.append((char) (random.nextInt(3) == 0 ? random.nextInt(0x3000) : ' ' + random.nextInt(95)));
        }
        return noise.toString();
    }

    @Test
    void absurdWindows_areRefusedBeforeAnythingIsAllocated() {
        for (String query : List.of(
                "from=1700-01-01&to=2200-01-01&every=1ns",
                "from=1700-01-01&to=2200-01-01&every=1ms&fill=null",
                "from=0&to=9000000000000&every=1s&tz=Europe/Berlin",
                "from=-100000d&every=1s&fn=p50,twa")) {
            HttpResponse<String> response = api.get("/api/v1/aggregate?" + query);
            assertThat(response.statusCode()).as(query).isEqualTo(422);
            assertThat(response.body()).contains("expected at most 50000").contains("or ask for every=");
        }
    }
}
