package io.tributary.collector.http;

import static io.tributary.collector.http.ApiFixture.COUNT;
import static io.tributary.collector.http.ApiFixture.STATE;
import static io.tributary.collector.http.ApiFixture.TEMPERATURE;
import static io.tributary.collector.http.ApiFixture.ns;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AggregateApiTest {
    private static final long NOON = ns("2025-12-31T12:00:00Z");
    private static final long MINUTE = 60_000_000_000L;
    private final ApiFixture api = new ApiFixture();

    @BeforeEach
    void fill() {
        api.readings.tags("a", Map.of("site", "north")).tags("b", Map.of());
        api.readings
                .add("a", TEMPERATURE, NOON, 20.0)
                .add("a", TEMPERATURE, NOON + 1, 21.5)
                .add("a", TEMPERATURE, NOON + 2 * MINUTE, 30.0)
                .add("a", COUNT, NOON, 5L)
                .add("b", TEMPERATURE, NOON, 10.0)
                .add("b", STATE, NOON, "on");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void json_isSeriesOfWindows() {
        assertThat(api.body("/api/v1/aggregate?device=a&from=2025-12-31T12:00:00Z&to=2025-12-31T12:03:00Z&every=1m"
                        + "&fn=count,avg,min,max,sum,first,last"))
                .isEqualTo("""
                {"series":[
                {"device":"a","channel":"count","windows":[
                {"start":"2025-12-31T12:00:00Z","count":1,"avg":5.0,"min":5.0,"max":5.0,"sum":5.0,"first":5.0,"last":5.0}]},
                {"device":"a","channel":"temperature","unit":"°C","windows":[
                {"start":"2025-12-31T12:00:00Z","count":2,"avg":20.75,"min":20.0,"max":21.5,"sum":41.5,"first":20.0,"last":21.5},
                {"start":"2025-12-31T12:02:00Z","count":1,"avg":30.0,"min":30.0,"max":30.0,"sum":30.0,"first":30.0,"last":30.0}]}]}
                """);
    }

    @Test
    void ndjson_byTag_withNulls() {
        assertThat(api.body("/api/v1/aggregate?channel=temperature&from=2025-12-31T12:00:00Z&to=2025-12-31T12:02:00Z"
                        + "&every=1m&fn=avg,count&group=tag:site&fill=null&format=ndjson"))
                .isEqualTo("""
                {"tags":{"site":null},"channel":"temperature","unit":"°C","start":"2025-12-31T12:00:00Z","avg":10.0,"count":1}
                {"tags":{"site":null},"channel":"temperature","unit":"°C","start":"2025-12-31T12:01:00Z","avg":null,"count":0}
                {"tags":{"site":"north"},"channel":"temperature","unit":"°C","start":"2025-12-31T12:00:00Z","avg":20.75,"count":2}
                {"tags":{"site":"north"},"channel":"temperature","unit":"°C","start":"2025-12-31T12:01:00Z","avg":null,"count":0}
                """);
    }

    @Test
    void csv_overAllDevices_asOneWindow() {
        assertThat(api.body("/api/v1/aggregate?from=-1d&fn=count,avg&group=none&format=csv"))
                .isEqualTo("""
                channel,unit,start,count,avg
                count,,2025-12-31T00:00:00Z,1,5.0
                state,,2025-12-31T00:00:00Z,1,
                temperature,°C,2025-12-31T00:00:00Z,4,20.375
                """);
    }

    @Test
    void csv_byDevice_withPrevious_inATimeZone() {
        assertThat(api.body("/api/v1/aggregate?device=b&channel=temperature&from=2025-12-30&to=2026-01-01&every=1d"
                        + "&tz=Asia/Tokyo&fill=previous&format=csv"))
                .isEqualTo("""
                device,channel,unit,start,avg
                b,temperature,°C,2025-12-29T15:00:00Z,
                b,temperature,°C,2025-12-30T15:00:00Z,10.0
                b,temperature,°C,2025-12-31T15:00:00Z,10.0
                """);
    }

    @Test
    void nothingFound_isAnEmptyAnswer() {
        assertThat(api.body("/api/v1/aggregate?device=zzz&from=-1h")).isEqualTo("{\"series\":[]}\n");
    }

    @Test
    void limit_givesPages_newestWindowFirst() {
        String url = "/api/v1/aggregate?device=a&channel=temperature&from=2025-12-31T12:00:00Z&to=2025-12-31T12:03:00Z"
                + "&every=1m&fn=p50,twa&order=desc&limit=1&where=value%3E20&quality=good&explain=true";
        String first = api.body(url);
        assertThat(first).startsWith("""
                {"series":[
                {"device":"a","channel":"temperature","unit":"°C","windows":[
                {"start":"2025-12-31T12:02:00Z","p50":30.0,"twa":30.0}]}],"next":"\
                """);
        assertThat(first).endsWith("""
                ","cost":{"readings_decoded":3,"blocks_decoded":1,"blocks_from_statistics":0,"blocks_ruled_out":0}}
                """);
        String next = api.get(url).headers().firstValue("Tributary-Next").orElseThrow();
        assertThat(api.body(url + "&next=" + next)).startsWith("""
                {"series":[
                {"device":"a","channel":"temperature","unit":"°C","windows":[
                {"start":"2025-12-31T12:00:00Z","p50":21.5,"twa":21.5}]}],"cost":\
                """);
    }

    @Test
    void wholeBlocks_comeFromStatistics() {
        assertThat(api.body("/api/v1/aggregate?device=a&channel=temperature&from=2025-12-31T12:00:00Z"
                        + "&to=2025-12-31T13:00:00Z&fn=count,min,max,sum,first,last,avg&where=value%3E0&explain=true"))
                .endsWith("""
                "cost":{"readings_decoded":0,"blocks_decoded":0,"blocks_from_statistics":1,"blocks_ruled_out":0}}
                """);
    }
}
