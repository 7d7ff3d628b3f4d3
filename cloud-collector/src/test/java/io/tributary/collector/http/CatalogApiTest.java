package io.tributary.collector.http;

import static io.tributary.collector.http.ApiFixture.COUNT;
import static io.tributary.collector.http.ApiFixture.ns;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatalogApiTest {
    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void devices_page() {
        long noon = ns("2025-12-31T12:00:00Z");
        api.readings
                .tags("a/1", Map.of("site", "x"))
                .add("a/1", COUNT, noon, 1L)
                .add("a/1", COUNT, noon + 1, 1L);
        api.readings.add("b", COUNT, noon, 1L).add("c", COUNT, noon, 1L);
        assertThat(api.body("/api/v1/devices?limit=2")).isEqualTo("""
                {"devices":[
                {"device":"a/1","tags":{"site":"x"},"first_event_time":"2025-12-31T12:00:00Z","last_event_time":"2025-12-31T12:00:00.000000001Z"},
                {"device":"b","tags":{},"first_event_time":"2025-12-31T12:00:00Z","last_event_time":"2025-12-31T12:00:00Z"}],"next":"b"}
                """);
        assertThat(api.body("/api/v1/devices?limit=2&after=b"))
                .contains("\"c\"")
                .doesNotContain("next");
        assertThat(api.body("/api/v1/devices?match=a*&tag=site:y")).isEqualTo("{\"devices\":[]}\n");
        assertThat(api.body("/api/v1/devices/a%2F1")).isEqualTo("""
                {"device":"a/1","tags":{"site":"x"},"first_event_time":"2025-12-31T12:00:00Z","last_event_time":"2025-12-31T12:00:00.000000001Z","channels":[
                {"channel":"count","type":"long","unit":"","first_event_time":"2025-12-31T12:00:00Z","last_event_time":"2025-12-31T12:00:00.000000001Z","history":[{"collector_time":"2025-12-31T12:00:00.002Z","type":"long","unit":""}]}]}
                """);
    }

    private static final String ACCOUNT =
            "\"account\":{\"accepted\":100,\"received\":90,\"stored\":80,\"duplicate\":3,\"replaced\":1,\"expired\":0,\"erased\":0,\"queued\":6,"
                    + "\"missing\":0,\"rejected\":{\"future-event-time\":6},\"evicted\":{\"full\":4},\"redelivered\":2,"
                    + "\"adds_up\":true}";

    @Test
    void agents_tellTheirBacklog() {
        String agent = """
                {"agent":"edge-1","connected":true,"address":"10.0.0.7:51234","version":"0.1.0","capabilities":["zstd"],"epoch":3,\
                "first_seen":"2025-12-31T23:58:50Z","last_seen":"2025-12-31T23:59:50Z","connected_since":"2025-12-31T23:59:49Z",\
                "status":{"received_time":"2025-12-31T23:59:50Z","next_sequence":100,"queued_readings":6,"queued_bytes":512,\
                "oldest_event_time":null,"oldest_edge_time":"2025-12-31T23:59:44.500Z","oldest_age_seconds":5.5,\
                "clock_synchronized":true,"clock_offset_seconds":-0.0015,"clock_error_seconds":2.0E-4,\
                "flash_bytes_written":4096,"refused":{"full":1}},\
                "drain":{"readings_per_second":-2.5,"seconds":null},""" + ACCOUNT + """
                ,"epochs":[{"epoch":3,"next_sequence":100,"first_seen":"2025-12-31T23:58:50Z","last_seen":"2025-12-31T23:59:50Z","version":"0.1.0"}]}""";
        assertThat(api.body("/api/v1/agents")).isEqualTo("{\"agents\":[\n" + agent + "]}\n");
        assertThat(api.body("/api/v1/agents/edge-1")).isEqualTo(agent + "\n");
    }

    @Test
    void gaps_proveTheAccount() {
        assertThat(api.body("/api/v1/agents/edge-1/gaps"))
                .isEqualTo("{\"agent\":\"edge-1\",\"agent_queued_readings\":null," + ACCOUNT + """
                ,"epochs":[
                {"epoch":3,"current":true,"next_sequence":100,"oldest_sequence":94,"received":[{"first":0,"count":90}],\
                "evicted":[{"first":90,"count":4,"cause":"full"}],"queued":[{"first":94,"count":6}],"missing":[],""" + ACCOUNT + "}]}\n");
    }

    @Test
    void deadLetters_areListedAndFetched() {
        assertThat(api.body("/api/v1/deadletters?limit=1")).isEqualTo("""
                {"held":{"damaged-chunk":1,"future-event-time":1},"deadletters":[
                {"id":4,"time":"2026-01-01T00:00:00Z","cause":"damaged-chunk","detail":"no \\"zstd\\" frame","readings":0,"payload_bytes":3}],"next":"4"}
                """);
        assertThat(api.body("/api/v1/deadletters?after=4&cause=future-event-time"))
                .contains("\"agent\":\"e\",\"epoch\":2,\"first_sequence\":7,\"sequences\":3,\"readings\":3");
        HttpResponse<String> payload = api.get("/api/v1/deadletters/4/payload");
        assertThat(payload.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(payload.body()).isEqualTo("\u0001\u0002\u0003");
    }

    @Test
    void health_metrics_andOverview() {
        assertThat(api.body("/")).contains("GET /api/v1/aggregate?device=GLOB");
        assertThat(api.body("/readyz")).isEqualTo("ok\n");
        api.notReady.set("starting");
        assertThat(api.get("/readyz").statusCode()).isEqualTo(503);
        assertThat(api.body("/healthz")).isEqualTo("ok\n");
        api.body("/api/v1/latest");
        assertThat(api.body("/metrics"))
                .contains("tributary_http_requests_total{route=\"/api/v1/latest\",status=\"200\"} 1.0")
                .contains("tributary_collector_query_seconds_count{kind=\"latest\"} 1");
    }
}
