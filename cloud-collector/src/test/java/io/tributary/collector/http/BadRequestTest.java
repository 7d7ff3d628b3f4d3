package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to ask wrongly, and what is said about it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestTest {
    private static final String TIME = "expected a time: RFC 3339 (2026-01-31T12:00:00Z), a date (2026-01-31),"
            + " milliseconds since 1970, now, or relative to now (-1h)";
    private ApiFixture api = new ApiFixture();

    @BeforeAll
    void start() {
        api.close();
        api = new ApiFixture();
    }

    @AfterAll
    void close() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            readings?devise=a                | 400 | unknown parameter "devise"; did you mean "device"?
            readings?device=a&device=b       | 400 | parameter device is given 2 times, expected once
            readings?device=                 | 400 | parameter device is "", expected a name or a pattern with * and ?
            readings?channel=a,,b            | 400 | parameter channel is "a,,b", expected names with commas between them
            readings?tag=north               | 400 | parameter tag is "north", expected name:value
            readings?tag=a:1&tag=a:2         | 400 | parameter tag is "a:2", expected each tag name once
            readings?from=yesterday          | 400 | parameter from is "yesterday", TIME
            readings?from=                   | 400 | parameter from is "", TIME
            readings?to=2026-02-30           | 400 | parameter to is "2026-02-30", TIME
            readings?to=2026-01-01T00:00:00  | 400 | parameter to is "2026-01-01T00:00:00", TIME
            readings?from=-1y                | 400 | parameter from is "-1y", TIME
            readings?from=9999999999999999   | 400 | parameter from is "9999999999999999", expected a time between the years 1678 and 2261
            readings?from=1500-01-01         | 400 | parameter from is "1500-01-01", expected a time between the years 1678 and 2261
            readings?from=now&to=-1h         | 400 | the range is empty: from is "now" and to is "-1h", expected from before to
            readings?axis=events             | 400 | parameter axis is "events", expected one of event, edge, collector
            readings?order=up                | 400 | parameter order is "up", expected asc or desc
            readings?limit=0                 | 400 | parameter limit is "0", expected a number from 1 to 1000000
            readings?limit=many              | 400 | parameter limit is "many", expected a number from 1 to 1000000
            readings?limit=99999999999999999999 | 400 | parameter limit is "99999999999999999999", expected a number from 1 to 1000000
            readings?format=xml              | 400 | parameter format is "xml", expected json, csv, ndjson or table
            readings?next=abc                | 400 | next is "abc", expected the "next" of an earlier answer
            aggregate                        | 400 | parameter from is absent, expected a time, for example from=-1h
            aggregate?from=-1h&every=1       | 400 | parameter every is "1", expected a duration with its unit (ns, us, ms, s, m, h, d), for example 500ms, 10s or 1h30m
            aggregate?from=-1h&every=0s      | 400 | parameter every is "0s", expected more than 0
            aggregate?from=-1h&fn=mean       | 400 | parameter fn is "mean", expected functions out of count, min, max, sum, avg, first, last, stddev, rate, delta, twa, p50, p99.9
            aggregate?from=-1h&fn=avg,avg    | 400 | parameter fn is "avg", expected each function once
            aggregate?from=-1h&group=site    | 400 | parameter group is "site", expected device, tag:NAME or none
            aggregate?from=-1h&fill=zero     | 400 | parameter fill is "zero", expected one of none, null, previous, linear
            aggregate?from=-1h&tz=Mars       | 400 | parameter tz is "Mars", expected a time zone, for example Europe/Berlin or +08:00
            aggregate?from=-1d&every=1ms     | 422 | from to to at every=1ms are 86400000 windows, expected at most 50000; shorten the range, or ask for every=2s or more
            latest?order=1                   | 400 | unknown parameter "order"; known here: channel, device, format, limit, next, tag
            devices?limit=10001              | 400 | parameter limit is "10001", expected a number from 1 to 10000
            devices/a?x=1                    | 400 | unknown parameter "x", expected none at /api/v1/devices/a
            devices/none                     | 404 | device "none" is unknown, expected one that has sent a reading; GET /api/v1/devices lists them
            agents/none                      | 404 | agent "none" is unknown, expected one that has connected; GET /api/v1/agents lists them
            agents/none/gaps                 | 404 | agent "none" is unknown, expected one that has connected; GET /api/v1/agents lists them
            deadletters?after=x              | 400 | parameter after is "x", expected the number of a dead letter
            deadletters/7/payload            | 404 | dead letter "7" is not held (any more), expected one that GET /api/v1/deadletters lists
            deadletters/x/payload            | 404 | dead letter is "x", expected the number of a dead letter
            device                           | 404 | nothing is at "/api/v1/device"; did you mean "/api/v1/devices"?
            """)
    void badRequest_saysValueExpectationAndPlace(String path, int status, String detail) {
        HttpResponse<String> response = api.get("/api/v1/" + path);
        String expected = detail.replace("TIME", TIME).replace("\"", "\\\"");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.body()).contains("\"detail\":\"" + expected + "\"");
    }
}
