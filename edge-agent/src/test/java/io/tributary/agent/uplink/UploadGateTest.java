package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.ByteSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UploadGateTest {
    private static final int BATCH = 100_000;

    @TempDir
    Path directory;

    private static long ns(String time) {
        return LocalDateTime.parse(time).toEpochSecond(ZoneOffset.UTC) * 1_000_000_000L;
    }

    private static UploadOptions options(@Nullable Long bytes, String... windows) {
        return new UploadOptions(
                List.of(windows).stream().map(UploadWindow::parse).toList(),
                bytes == null ? null : new ByteSize(bytes),
                ZoneId.of("UTC"),
                null);
    }

    private UploadGate gate(UploadOptions options) {
        return new UploadGate(options, directory.resolve("outbox.upload"));
    }

    @ParameterizedTest
    @CsvSource({
        // 2026-11-21 is a Saturday
        "22:00-06:00, 2026-11-21T21:59, false",
        "22:00-06:00, 2026-11-21T22:00, true",
        "22:00-06:00, 2026-11-22T05:59, true",
        "22:00-06:00, 2026-11-22T06:00, false",
        "sat 22:00-06:00, 2026-11-22T05:00, true",
        "sun 22:00-06:00, 2026-11-22T05:00, false",
        "mon-fri 12:00-13:00, 2026-11-21T12:30, false",
        "mon-fri 12:00-13:00, 2026-11-20T12:30, true",
        "fri-mon 00:00-24:00, 2026-11-22T23:59, true",
        "fri-mon 00:00-24:00, 2026-11-24T00:00, false",
        "'sat,sun 9:00-10:00', 2026-11-21T09:00, true",
    })
    void window_isOfDaysAndTimes(String window, String time, boolean expected) {
        assertThat(UploadWindow.parse(window).contains(LocalDateTime.parse(time)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "22-6",
                "25:00-06:00",
                "12:00-12:00",
                "mon",
                "xyz 12:00-13:00",
                "mon-tue-wed 12:00-13:00",
                "12:60-13:00"
            })
    void window_thatIsNone_isRefused(String text) {
        assertThatThrownBy(() -> UploadWindow.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("22:00-06:00");
    }

    @Test
    void gate_followsItsWindows() {
        UploadGate gate = gate(options(null, "01:00-02:00", "12:00-13:00"));
        gate.look(ns("2026-11-21T00:30:00"), true);
        assertThat(gate.isOpen()).isFalse();
        assertThat(gate.whyClosed()).contains("windows");
        gate.look(ns("2026-11-21T12:30:00"), true);
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void windows_areOpenWhileNobodyKnowsTheTime() {
        UploadGate gate = gate(options(null, "01:00-02:00"));
        gate.look(ns("1970-01-01T12:00:00"), false);
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void budget_closesUntilTheNextDay() {
        UploadGate gate = gate(options(1L << 20));
        gate.look(ns("2026-11-21T10:00:00"), true);
        int batches = 0;
        for (; gate.isOpen(); batches++) {
            gate.sent(BATCH);
        }
        assertThat(batches).isEqualTo(11); // the one that exceeds it is the last
        gate.look(ns("2026-11-21T23:59:59"), true);
        assertThat(gate.isOpen()).isFalse();
        gate.look(ns("2026-11-22T00:00:00"), true);
        assertThat(gate.isOpen()).isTrue();
        assertThat(gate.sentBytes()).isZero();
    }

    /** Killed: what was sent is never counted too low, and at most a step too high. */
    @Test
    void budget_survivesAKill() {
        UploadGate gate = gate(options(64L << 20));
        gate.look(ns("2026-11-21T10:00:00"), true);
        for (int i = 0; i < 100; i++) {
            gate.sent(BATCH);
        }
        UploadGate next = gate(options(64L << 20));
        next.look(ns("2026-11-21T10:00:01"), true);
        assertThat(next.sentBytes()).isBetween(gate.sentBytes(), gate.sentBytes() + (256 << 10));
        gate.close();
        UploadGate afterAStop = gate(options(64L << 20));
        assertThat(afterAStop.sentBytes()).isEqualTo(gate.sentBytes());
    }

    @Test
    void budget_isNotGivenTwice_byAClockSetBackOverMidnight() {
        UploadGate gate = gate(options(1L << 20));
        gate.look(ns("2026-11-22T00:10:00"), true);
        gate.sent(2 << 20);
        gate.look(ns("2026-11-21T23:50:00"), true);
        assertThat(gate.isOpen()).isFalse();
        gate.look(ns("2026-11-22T00:20:00"), true);
        assertThat(gate.isOpen()).isFalse();
        gate.look(ns("2026-11-10T12:00:00"), true); // the later day was never one
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void budgetFile_thatCannotBeRead_beginsAnew() throws Exception {
        Files.writeString(directory.resolve("outbox.upload"), "what is this");
        UploadGate gate = gate(options(1L << 20));
        gate.look(ns("2026-11-21T10:00:00"), true);
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void options_sayWhatTheyExpect() {
        assertThatThrownBy(() -> options(1000L))
                .hasMessageContaining("bytes-per-day is")
                .hasMessageContaining("1MiB");
        assertThatThrownBy(() -> new UploadOptions(List.of(), null, ZoneId.of("UTC"), 4))
                .hasMessageContaining("urgent-priority is 4, expected 5 to 7");
    }
}
