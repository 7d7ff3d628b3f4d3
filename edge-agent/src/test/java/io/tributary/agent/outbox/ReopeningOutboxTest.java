package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.agent.clock.ManualClock;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReopeningOutboxTest {
    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @Test
    void brokenOutbox_isOpenedAnewByTheNextWrite_withEverythingInIt() throws Exception {
        try (ReopeningOutbox outbox = ReopeningOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            long epoch = outbox.epoch();
            outbox.append(List.of(Outboxes.batch(3, 1)), List.of(), true);
            outbox.breakForTest();
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE)).hasSize(1);
            outbox.append(List.of(Outboxes.batch(2, 2)), List.of(), true);
            assertThat(outbox.epoch()).isEqualTo(epoch);
            assertThat(outbox.read(0, Long.MAX_VALUE, Long.MAX_VALUE))
                    .extracting(OutboxRecord::firstSequence)
                    .containsExactly(0L, 3L);
        }
    }

    @Test
    void brokenOutbox_isNotTriedMoreThanOnceASecond() throws Exception {
        try (ReopeningOutbox outbox = ReopeningOutbox.open(Outboxes.options(directory.resolve("outbox")), clock)) {
            outbox.breakForTest();
            outbox.append(List.of(Outboxes.batch(1, 1)), List.of(), true);
            outbox.breakForTest();
            assertThatThrownBy(() -> outbox.append(List.of(Outboxes.batch(1, 2)), List.of(), true))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("tried again in a moment");
            clock.advance(1_000_000_000L);
            outbox.append(List.of(Outboxes.batch(1, 3)), List.of(), true);
            assertThat(outbox.stats().queuedReadings()).isEqualTo(2);
        }
    }

    @Test
    void afterClose_saysSo_andKeepsItsStats() throws Exception {
        ReopeningOutbox outbox = ReopeningOutbox.open(Outboxes.options(directory.resolve("outbox")), clock);
        outbox.append(List.of(Outboxes.batch(4, 1)), List.of(), true);
        outbox.close();
        outbox.close();
        assertThat(outbox.stats().queuedReadings()).isEqualTo(4);
        assertThatThrownBy(() -> outbox.append(List.of(), List.of(), true)).isInstanceOf(OutboxException.class);
    }
}
