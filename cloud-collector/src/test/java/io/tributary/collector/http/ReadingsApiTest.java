package io.tributary.collector.http;

import static io.tributary.collector.http.ApiFixture.COUNT;
import static io.tributary.collector.http.ApiFixture.ON;
import static io.tributary.collector.http.ApiFixture.STATE;
import static io.tributary.collector.http.ApiFixture.TEMPERATURE;
import static io.tributary.collector.http.ApiFixture.ns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.collector.query.QueryLimits;
import io.tributary.config.ByteSize;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadingsApiTest {
    private static final long NOON = ns("2025-12-31T12:00:00Z");
    private ApiFixture api = new ApiFixture();

    @BeforeEach
    void fill() {
        api.readings
                .add("pump, 1", TEMPERATURE, NOON + 1, 20.5)
                .add("pump, 1", COUNT, NOON + 1, Long.MAX_VALUE)
                .add("pump, 1", STATE, NOON + 1_000_000_000L, "on, \"quoted\"\n")
                .add("pump, 1", ON, NOON + 1_000_000_000L, true)
                .add(new Stored("pump, 1", TEMPERATURE, NOON + 2_000_000_000L, NOON, NOON, Double.NaN, 0x81));
    }

    @AfterEach
    void close() {
        api.close();
    }

    private static final String FIRST = """
            {"device":"pump, 1","channel":"count","event_time":"2025-12-31T12:00:00.000000001Z",\
            "edge_time":"2025-12-31T12:00:00.001000001Z","collector_time":"2025-12-31T12:00:00.002000001Z",\
            "value":9223372036854775807,"quality":"good","type":"long"}""";
    private static final String SECOND = """
            {"device":"pump, 1","channel":"temperature","event_time":"2025-12-31T12:00:00.000000001Z",\
            "edge_time":"2025-12-31T12:00:00.001000001Z","collector_time":"2025-12-31T12:00:00.002000001Z",\
            "value":20.5,"quality":"good","type":"double","unit":"°C"}""";
    private static final String LAST = """
            {"device":"pump, 1","channel":"temperature","event_time":"2025-12-31T12:00:02Z",\
            "edge_time":"2025-12-31T12:00:00Z","collector_time":"2025-12-31T12:00:00Z",\
            "value":"NaN","quality":"bad","quality_code":129,"type":"double","unit":"°C"}""";

    @Test
    void ndjson_isOneReadingPerLine() {
        HttpResponse<String> response = api.get("/api/v1/readings?device=pump*&format=ndjson");
        assertThat(response.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        assertThat(response.body()).isEqualTo(FIRST + "\n" + SECOND + "\n" + """
                {"device":"pump, 1","channel":"on","event_time":"2025-12-31T12:00:01Z",\
                "edge_time":"2025-12-31T12:00:01.001Z","collector_time":"2025-12-31T12:00:01.002Z",\
                "value":true,"quality":"good","type":"bool"}
                {"device":"pump, 1","channel":"state","event_time":"2025-12-31T12:00:01Z",\
                "edge_time":"2025-12-31T12:00:01.001Z","collector_time":"2025-12-31T12:00:01.002Z",\
                "value":"on, \\"quoted\\"\\n","quality":"good","type":"string"}
                """ + LAST + "\n");
    }

    @Test
    void csv_quotesWhatItMust() {
        HttpResponse<String> response = api.get("/api/v1/readings", "Accept", "text/csv");
        assertThat(response.headers().firstValue("Content-Type")).contains("text/csv; charset=utf-8");
        assertThat(response.body()).isEqualTo("""
                device,channel,event_time,edge_time,collector_time,value,quality,unit
                "pump, 1",count,2025-12-31T12:00:00.000000001Z,2025-12-31T12:00:00.001000001Z,\
                2025-12-31T12:00:00.002000001Z,9223372036854775807,good,
                "pump, 1",temperature,2025-12-31T12:00:00.000000001Z,2025-12-31T12:00:00.001000001Z,\
                2025-12-31T12:00:00.002000001Z,20.5,good,°C
                "pump, 1",on,2025-12-31T12:00:01Z,2025-12-31T12:00:01.001Z,2025-12-31T12:00:01.002Z,true,good,
                "pump, 1",state,2025-12-31T12:00:01Z,2025-12-31T12:00:01.001Z,2025-12-31T12:00:01.002Z,\
                "on, ""quoted""
                ",good,
                "pump, 1",temperature,2025-12-31T12:00:02Z,2025-12-31T12:00:00Z,2025-12-31T12:00:00Z,NaN,bad,°C
                """);
    }

    @Test
    void json_tellsTheNextPage() {
        HttpResponse<String> response =
                api.get("/api/v1/readings?device=pump%2C%201&channel=temperature,count&limit=2");
        String token = response.headers().firstValue("Tributary-Next").orElseThrow();
        assertThat(response.body())
                .isEqualTo("{\"readings\":[\n" + FIRST + ",\n" + SECOND + "],\"next\":\"" + token + "\"}\n");
        String link = response.headers().firstValue("Link").orElseThrow();
        assertThat(link)
                .isEqualTo("</api/v1/readings?device=pump%2C+1&channel=temperature%2Ccount&limit=2&next=" + token
                        + ">; rel=\"next\"");
        String second = api.body(link.substring(1, link.indexOf('>')));
        assertThat(second).isEqualTo("{\"readings\":[\n" + LAST + "]}\n");
    }

    @Test
    void range_andOrder_andAxis() {
        assertThat(values("from=2025-12-31T12:00:01Z&order=desc")).containsExactly("NaN", "on, \"quoted\"\n", "true");
        assertThat(values("from=2025-12-31T13:00:01%2B01:00&to=2025-12-31T13:00:02+01:00"))
                .containsExactly("true", "on, \"quoted\"\n");
        assertThat(values("axis=edge&to=2025-12-31T12:00:01Z")).containsExactly("NaN", "9223372036854775807", "20.5");
        assertThat(values("axis=collector&from=-12h&to=now&order=desc&limit=1")).containsExactly("on, \"quoted\"\n");
        assertThat(values("channel=t*&tag=site:x")).isEmpty();
    }

    private List<String> values(String query) {
        List<String> values = new ArrayList<>();
        for (String line : api.body("/api/v1/readings?format=ndjson&" + query).split("\n")) {
            if (!line.isEmpty()) {
                String value = line.replaceAll(".*\"value\":(.*),\"quality\".*", "$1");
                values.add(
                        value.startsWith("\"")
                                ? value.substring(1, value.length() - 1)
                                        .replace("\\\"", "\"")
                                        .replace("\\n", "\n")
                                : value);
            }
        }
        return values;
    }

    @Test
    void pages_stayWithinTheirBytes() {
        for (int i = 0; i < 20_000; i++) {
            api.readings.add("big", TEMPERATURE, NOON + i, i / 10.0);
        }
        int rows = 0;
        int pages = 0;
        String next = "";
        do {
            HttpResponse<String> page = api.get("/api/v1/readings?device=big&format=ndjson&limit=1000000" + next);
            assertThat(page.body().length()).isLessThan(NextPage.PAGE_BYTES + 1000);
            rows += page.body().split("\n").length;
            pages++;
            next = page.headers()
                    .firstValue("Tributary-Next")
                    .map(t -> "&next=" + t)
                    .orElse("");
        } while (!next.isEmpty());
        assertThat(rows).isEqualTo(20_000);
        assertThat(pages).isBetween(2, 4);
        assertThat(api.body("/api/v1/readings?device=big&format=csv").split("\n"))
                .hasSize(20_001);
    }

    @Test
    void streamBeyondLimits_isCutOff_notEnded() {
        api.close();
        api = new ApiFixture(
                new QueryLimits(100_000, new ByteSize(500_000), Duration.ofMinutes(1), 100, 100, 100, 1000));
        for (int i = 0; i < 5000; i++) {
            api.readings.add("big", TEMPERATURE, NOON + i, i / 10.0);
        }
        assertThatThrownBy(() -> api.get("/api/v1/readings?device=big&format=ndjson"))
                .hasRootCauseInstanceOf(IOException.class);
        HttpResponse<String> early = api.get("/api/v1/readings?device=big&axis=edge&limit=1000");
        assertThat(early.statusCode()).isEqualTo(422);
        assertThat(early.body()).contains("has more than 100 readings to sort by edge time");
    }

    @Test
    void latest_isTheLastOfEachSeries() {
        api.readings.add("pump, 1", COUNT, NOON + 5_000_000_000L, 7L);
        assertThat(api.body("/api/v1/latest?device=pump*&channel=count,temperature&format=ndjson"))
                .isEqualTo("""
                {"device":"pump, 1","channel":"count","event_time":"2025-12-31T12:00:05Z",\
                "edge_time":"2025-12-31T12:00:05.001Z","collector_time":"2025-12-31T12:00:05.002Z",\
                "value":7,"quality":"good","type":"long"}
                """ + LAST + "\n");
        assertThat(api.body("/api/v1/latest?device=none")).isEqualTo("{\"readings\":[]}\n");
    }

    @Test
    void downsample_givesTheReadingsOfAPlot() {
        for (int i = 0; i < 100; i++) {
            api.readings.add("plot", ApiFixture.COUNT, i * 1_000_000_000L, i == 60 ? 1000L : 0L);
        }
        assertThat(api.body("/api/v1/readings?device=plot&downsample=lttb&points=4&format=csv")
                        .lines()
                        .map(line -> line.replaceAll(",1970-.*Z,", " "))
                        .toList())
                .contains("plot,count 1000,good,")
                .hasSize(5);
        assertThat(api.get("/api/v1/readings?device=plot&downsample=lttb&points=4&limit=3")
                        .body())
                .contains("expected axis=event and order=asc with it, and no limit or next");
        assertThat(api.get("/api/v1/readings?points=4").body()).contains("expected lttb, with points");
    }

    @Test
    void table_hasARowPerDeviceAndTime() {
        long noon = ApiFixture.ns("2025-12-31T12:00:00Z");
        api.readings
                .add("tab\"1", ApiFixture.TEMPERATURE, noon, 20.25)
                .add("tab\"1", ApiFixture.STATE, noon, "on")
                .add("tab\"1", ApiFixture.TEMPERATURE, noon + 1_000_000, Double.NaN)
                .add("tab2", ApiFixture.COUNT, noon, 7L)
                .add("tab2", ApiFixture.TEMPERATURE, noon, 1.0E-7)
                .add("tab2", ApiFixture.ON, noon, true);
        assertThat(api.body("/api/v1/readings?device=tab*&format=table")).isEqualTo("""
                {"rows":[
                ["tab\\"1","2025-12-31T12:00:00Z","on",20.25],
                ["tab\\"1","2025-12-31T12:00:00.001Z",null,"NaN"],
                ["tab2","2025-12-31T12:00:00Z",null,1.0E-7,7,true]],
                "columns":["device","event_time","state","temperature","count","on"]}
                """);
        assertThat(api.body("/api/v1/latest?device=tab2&channel=count&format=table"))
                .isEqualTo("""
                {"rows":[
                ["tab2","2025-12-31T12:00:00Z",7]],
                "columns":["device","event_time","count"]}
                """);
    }
}
