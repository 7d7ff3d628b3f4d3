package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.tributary.config.ByteSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlashUseTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    @TempDir
    Path directory;

    private long now = 5;
    private long written;

    private FlashUse open(@Nullable ByteSize budget) {
        return new FlashUse(directory.resolve("outbox.flash"), () -> written, () -> now, budget);
    }

    @Test
    void bytes_goOnAfterARestart_andWriteLittleThemselves() throws Exception {
        Path file = directory.resolve("outbox.flash");
        try (FlashUse use = open(null)) {
            written = 700;
            for (int i = 0; i < 59; i++) {
                now += MINUTE;
                use.tick();
            }
            assertThat(file).doesNotExist();
            now += MINUTE;
            use.tick();
            assertThat(file).hasContent("700");
            written = 1_000;
            assertThat(use.bytes()).isEqualTo(1_000);
        }
        assertThat(file).hasContent("1000");
        written = 30; // another process
        assertThat(open(null).bytes()).isEqualTo(1_030);
    }

    @Test
    void unreadableFile_startsAtZero() throws Exception {
        Files.writeString(directory.resolve("outbox.flash"), "many");
        written = 3;
        assertThat(open(null).bytes()).isEqualTo(3);
    }

    @Test
    void beyondTheBudget_warnsOnceADay() {
        List<String> warnings = new ArrayList<>();
        Logger logger = Logger.getLogger(FlashUse.class.getName());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                warnings.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            PrometheusRegistry registry = new PrometheusRegistry();
            FlashUse use = open(new ByteSize(1 << 20));
            use.register(registry);
            for (int minute = 0; minute < 3 * 24 * 60; minute++) {
                written += minute < 2 * 24 * 60 ? 1 << 10 : 100; // two days of 1.4 MiB, one of 140 KiB
                now += MINUTE;
                use.tick();
            }
            assertThat(warnings).hasSize(2);
            CounterSnapshot total =
                    (CounterSnapshot) registry.scrape(name -> name.equals("tributary_agent_flash_written_bytes"))
                            .get(0);
            assertThat(total.getDataPoints().get(0).getValue()).isEqualTo(written);
            GaugeSnapshot day = (GaugeSnapshot) registry.scrape(name -> name.equals("tributary_agent_flash_day_bytes"))
                    .get(0);
            assertThat(day.getDataPoints().get(0).getValue()).isBetween(0.0, 150.0 * 1024);
        } finally {
            logger.removeHandler(handler);
        }
    }
}
