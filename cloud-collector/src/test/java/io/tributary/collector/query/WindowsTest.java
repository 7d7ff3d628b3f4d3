package io.tributary.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static long ns(String time) {
        return EpochNanos.of(Instant.parse(time));
    }

    private static List<String> starts(String from, String to, Duration every, ZoneId zone) {
        Windows windows = Windows.of(new TimeRange(ns(from), ns(to)), every.toNanos(), zone, 1000);
        List<String> starts = new ArrayList<>();
        for (int i = 0; i < windows.count(); i++) {
            starts.add(EpochNanos.instant(windows.start(i)).toString());
            assertThat(windows.indexOf(windows.start(i))).isEqualTo(i);
            if (i > 0) {
                assertThat(windows.indexOf(windows.start(i) - 1)).isEqualTo(i - 1);
            }
        }
        return starts;
    }

    @Test
    void windows_areAlignedToTheEpoch() {
        assertThat(starts("2026-01-01T00:00:07Z", "2026-01-01T00:00:30Z", Duration.ofSeconds(10), ZoneOffset.UTC))
                .containsExactly("2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z");
        assertThat(starts("1969-12-31T23:59:55Z", "1970-01-01T00:00:01Z", Duration.ofSeconds(10), ZoneOffset.UTC))
                .containsExactly("1969-12-31T23:59:50Z", "1970-01-01T00:00:00Z");
    }

    @Test
    void days_followTheWallClock() {
        assertThat(starts("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", Duration.ofDays(1), BERLIN))
                .containsExactly("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
        assertThat(starts("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", Duration.ofDays(1), BERLIN))
                .containsExactly("2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    }

    @Test
    void hours_areNeitherLostNorMergedWhenClocksChange() {
        assertThat(starts("2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z", Duration.ofHours(1), BERLIN))
                .containsExactly(
                        "2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z");
        assertThat(starts("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", Duration.ofHours(1), BERLIN))
                .containsExactly("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
        assertThat(starts("2026-03-28T23:00:00Z", "2026-03-29T09:00:00Z", Duration.ofHours(6), BERLIN))
                .containsExactly("2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z");
    }

    @Test
    void midnightThatDoesNotExist_beginsWhereTheClockLands() {
        // Clocks in Beirut went from 00:00 to 01:00 on 2022-03-27.
        assertThat(starts("2022-03-26T12:00:00Z", "2022-03-28T12:00:00Z", Duration.ofDays(1), ZoneId.of("Asia/Beirut")))
                .containsExactly("2022-03-25T22:00:00Z", "2022-03-26T22:00:00Z", "2022-03-27T21:00:00Z");
    }

    @Test
    void fixedOffset_shiftsAlignment() {
        assertThat(starts("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", Duration.ofDays(1), ZoneOffset.ofHours(8)))
                .containsExactly("2025-12-31T16:00:00Z", "2026-01-01T16:00:00Z");
    }

    @Test
    void tooManyWindows_areRefusedWithWhatWouldDo() {
        TimeRange range = new TimeRange(ns("2026-01-01T00:00:00Z"), ns("2026-01-02T00:00:00Z"));
        assertThatThrownBy(() -> Windows.of(range, 1_000_000_000L, ZoneOffset.UTC, 1000))
                .hasMessage("from to to at every=1s are 86400 windows, expected at most 1000; shorten the range, or ask"
                        + " for every=87s or more");
        assertThat(Windows.of(range, 87_000_000_000L, ZoneOffset.UTC, 1000).count())
                .isLessThanOrEqualTo(1000);
        assertThatThrownBy(() -> Windows.of(new TimeRange(Long.MIN_VALUE + 1, 0), 1, ZoneOffset.UTC, 1000))
                .isInstanceOf(QueryException.class);
        assertThatThrownBy(() ->
                        Windows.of(new TimeRange(Long.MIN_VALUE + 1, Long.MIN_VALUE + 9), 100, ZoneOffset.UTC, 1000))
                .isInstanceOf(QueryException.class);
    }

    @Test
    void epochNanos_coverTheirRange() {
        for (long ns : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
            assertThat(EpochNanos.of(EpochNanos.instant(ns))).isEqualTo(ns);
        }
    }
}
