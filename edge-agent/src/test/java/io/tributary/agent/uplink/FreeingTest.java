package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.outbox.FlakyOutbox;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class FreeingTest {
    /** Refuses, until it is told not to, and keeps what it was asked to free. */
    private static final class Refusing extends FlakyOutbox {
        private final List<SequenceRange> freed = new ArrayList<>();
        private boolean broken = true;

        Refusing() {
            super(1, 0);
        }

        @Override
        public synchronized void free(long epoch, List<SequenceRange> ranges) throws OutboxException {
            if (broken) {
                throw new OutboxException("broken");
            }
            freed.addAll(ranges);
        }
    }

    /** While the outbox takes no writes, every session's welcome names the same ranges, longer each time. */
    @Test
    void ranges_thatAreNamedAgain_areFreedOnce() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 200; round++) {
            Refusing outbox = new Refusing();
            Freeing freeing = new Freeing(outbox);
            TreeSet<Long> expected = new TreeSet<>();
            for (int i = random.nextInt(1, 20); i > 0; i--) {
                long first = random.nextInt(60);
                long end = first + random.nextInt(1, 20);
                freeing.add(List.of(SequenceRange.between(first, end)));
                freeing.run(1);
                for (long sequence = first; sequence < end; sequence++) {
                    expected.add(sequence);
                }
            }
            outbox.broken = false;
            freeing.run(1);
            freeing.run(1);
            List<Long> freed = new ArrayList<>();
            for (SequenceRange range : outbox.freed) {
                for (long sequence = range.first(); sequence < range.end(); sequence++) {
                    freed.add(sequence);
                }
            }
            assertThat(freed).containsExactlyElementsOf(expected);
        }
    }
}
