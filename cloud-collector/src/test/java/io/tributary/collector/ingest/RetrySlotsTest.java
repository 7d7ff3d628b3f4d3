package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetrySlotsTest {
    @Test
    void slots_spreadAFleetAtTheGivenPace() {
        RetrySlots slots = new RetrySlots(Duration.ofSeconds(1), 100, Duration.ofSeconds(60), new Random(1));
        int[] perSecond = new int[70];
        for (int i = 0; i < 2_000; i++) {
            perSecond[(int) slots.next(5, 0).toSeconds()]++;
        }
        assertThat(perSecond[0]).isZero();
        for (int second = 1; second <= 20; second++) {
            assertThat(perSecond[second]).as("second %d", second).isBetween(95, 105);
        }
    }

    @Test
    void slots_neverExceedTheMaximum() {
        RetrySlots slots = new RetrySlots(Duration.ofSeconds(1), 10, Duration.ofSeconds(5), new Random(1));
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            delays.add(slots.next(0, 0));
        }
        assertThat(delays)
                .allSatisfy(delay -> assertThat(delay).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5)));
    }

    @Test
    void slots_startOverWhenTimeHasPassed() {
        RetrySlots slots = new RetrySlots(Duration.ofSeconds(1), 1, Duration.ofSeconds(60), new Random(1));
        for (int i = 0; i < 30; i++) {
            slots.next(0, 0);
        }
        assertThat(slots.next(Duration.ofMinutes(5).toNanos(), 0))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void slots_areFurtherApartTheBusierTheCollectorIs() {
        for (int tenths = 0; tenths <= 10; tenths++) {
            RetrySlots slots = new RetrySlots(Duration.ofSeconds(1), 100, Duration.ofHours(1), new Random(1));
            Duration last = Duration.ZERO;
            for (int i = 0; i <= 1_000; i++) {
                last = slots.next(0, tenths / 10.0);
            }
            long expectedMillis = 1_000 + 10_000 * (10 + 9 * tenths) / 10;
            assertThat(last.toMillis()).isBetween(expectedMillis - 100, expectedMillis + 200);
        }
    }
}
