package io.tributary.collector.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.SequenceRange;
import org.junit.jupiter.api.Test;

final class ClockShiftsTest {
    private final AgentRecord record = new AgentRecord("a");

    private void shifted(long first, long end, long shiftNs, long errorNs) {
        record.shifted(new ClockShift(1, SequenceRange.between(first, end), shiftNs, errorNs, 1_000 + first));
    }

    @Test
    void liveAndBacklogThatTakeTurns_areTwoRangesAndThenOne() {
        for (int i = 0; i < 5_000; i++) {
            shifted(i, i + 1, 7, i % 10);
            shifted(100_000 + i, 100_001 + i, 7, 3);
        }
        assertThat(record.clockShifts())
                .containsExactly(
                        new ClockShift(1, SequenceRange.between(0, 5_000), 7, 9, 1_000),
                        new ClockShift(1, SequenceRange.between(100_000, 105_000), 7, 3, 101_000));
        shifted(5_000, 100_000, 7, 1);
        assertThat(record.clockShifts())
                .containsExactly(new ClockShift(1, SequenceRange.between(0, 105_000), 7, 9, 1_000));
    }

    @Test
    void otherShiftsAndWhatIsDeliveredAgain_stayAsTheyAre() {
        shifted(0, 10, 7, 1);
        shifted(10, 20, 8, 1);
        shifted(20, 30, 7, 1);
        shifted(12, 18, 8, 1);
        assertThat(record.clockShifts()).hasSize(3);
        for (int i = 0; i < 9_000; i++) {
            shifted(100 + 2L * i, 101 + 2L * i, 7, 1);
        }
        assertThat(record.clockShifts()).hasSize(9_003);
    }
}
