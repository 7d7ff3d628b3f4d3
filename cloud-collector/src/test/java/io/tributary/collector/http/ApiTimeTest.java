package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.collector.query.EpochNanos;
import io.tributary.http.ProblemException;
import io.tributary.http.TextOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTimeTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");

    @ParameterizedTest
    @CsvSource({
        "now, 2026-01-01T00:00:00.5Z",
        "-1h, 2025-12-31T23:00:00.5Z",
        "now-1h30m, 2025-12-31T22:30:00.5Z",
        "now+500ms, 2026-01-01T00:00:01Z",
        "2024-02-29, 2024-02-29T00:00:00Z",
        "2024-02-29T12:34:56Z, 2024-02-29T12:34:56Z",
        "1969-12-31T23:59:59Z, 1969-12-31T23:59:59Z",
        "2024-12-31T23:59:59z, 2024-12-31T23:59:59Z",
        "2024-02-29T12:00:00.123456789Z, 2024-02-29T12:00:00.123456789Z",
        "2024-02-29T12:00+08:00, 2024-02-29T04:00:00Z",
        "2024-02-29T12:00:00 08:00, 2024-02-29T04:00:00Z",
        "1709208000123, 2024-02-29T12:00:00.123Z",
        "-1, 1969-12-31T23:59:59.999Z",
        "1677-09-21T00:12:43.145224192Z, 1677-09-21T00:12:43.145224192Z",
    })
    void time_isRead(String text, String expected) {
        assertThat(ApiTime.parse("from", text, NOW)).isEqualTo(EpochNanos.of(Instant.parse(expected)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2023-02-29T12:00:00Z",
                "2024-13-01T12:00:00Z",
                "2024-00-01T12:00:00Z",
                "2024-01-00T12:00:00Z",
                "2024-01-01T25:00:00Z",
                "2024-01-01T12:60:00Z",
                "2024-01-01 12:00:00Z",
                "2024-01-01T12:0x:00Z",
                "2024-01-01T12-00-00Z"
            })
    void time_thatThereIsNot_isRefused(String text) {
        assertThatThrownBy(() -> ApiTime.parse("from", text, NOW))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(text);
    }

    @Test
    void time_isWrittenAsInstantsAre() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            long ns = random.nextLong();
            ns = switch (i % 4) {
                case 0 -> ns;
                case 1 -> ns / 1_000_000_000 * 1_000_000_000;
                case 2 -> ns / 1_000_000 * 1_000_000;
                default -> ns / 1000 * 1000;
            };
            assertThat(written(ns)).isEqualTo(EpochNanos.instant(ns).toString());
        }
        assertThat(written(0)).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(written(Long.MIN_VALUE)).isEqualTo("1677-09-21T00:12:43.145224192Z");
    }

    private static String written(long ns) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TextOutput out = new TextOutput(bytes);
        ApiTime.write(out, ns);
        out.flush();
        return bytes.toString(StandardCharsets.US_ASCII);
    }
}
