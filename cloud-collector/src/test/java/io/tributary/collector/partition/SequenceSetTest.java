package io.tributary.collector.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.SequenceRange;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SequenceSetTest {
    @RepeatedTest(20)
    void operations_agreeWithATreeSet(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        TreeSet<Long> expected = new TreeSet<>();
        TreeMap<Long, Long> keys = new TreeMap<>();
        SequenceSet set = SequenceSet.EMPTY;
        for (int step = 0; step < 200; step++) {
            long first = random.nextInt(120);
            long end = first + 1 + random.nextInt(12);
            long known = expected.subSet(first, end).size();
            assertThat(set.countIn(first, end)).isEqualTo(known);
            SequenceSet missing = set.missing(first, end);
            assertThat(missing.count()).isEqualTo(end - first - known);
            for (SequenceRange range : missing.ranges()) {
                assertThat(expected.subSet(range.first(), range.end())).isEmpty();
            }
            if (random.nextInt(3) == 0) {
                SequenceSet next = random.nextBoolean() ? set.plus(first, end) : set.plus(missing);
                next.difference(set, new SequenceSet.Difference() {
                    @Override
                    public void put(long from, long to) {
                        keys.put(from, to);
                    }

                    @Override
                    public void remove(long from) {
                        assertThat(keys.remove(from)).isNotNull();
                    }
                });
                set = next;
                for (long s = first; s < end; s++) {
                    expected.add(s);
                }
            }
            assertThat(set.count()).isEqualTo(expected.size());
            assertThat(set.intervals()).isEqualTo(keys.size());
            for (SequenceRange range : set.ranges()) {
                assertThat(keys).containsEntry(range.first(), range.end());
                assertThat(expected.subSet(range.first(), range.end())).hasSize((int) range.count());
            }
        }
    }

    @Test
    void sequences_mayBeAsHighAsTheyCome() {
        SequenceSet set =
                SequenceSet.EMPTY.plus(Long.MAX_VALUE - 2, Long.MAX_VALUE).plus(0, 1);
        assertThat(set.count()).isEqualTo(3);
        assertThat(set.missing(0, Long.MAX_VALUE).count()).isEqualTo(Long.MAX_VALUE - 3);
    }
}
