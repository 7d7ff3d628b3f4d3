package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeChangesTest {
    @Test
    void lastChange_ofWhatItTouched() {
        RangeChanges changes = new RangeChanges();
        assertThat(changes.last(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(Long.MIN_VALUE);
        changes.changed(1, 10, 20);
        changes.changed(2, 15, 15);
        changes.changed(3, 30, 30);
        assertThat(changes.last(10, 14)).isEqualTo(1);
        assertThat(changes.last(0, 9)).isEqualTo(Long.MIN_VALUE);
        assertThat(changes.last(14, 15)).isEqualTo(2);
        assertThat(changes.last(16, 29)).isEqualTo(1);
        assertThat(changes.last(20, 40)).isEqualTo(3);
    }

    /** What goes on changing does not make what is long past look new, however much there was of it. */
    @Test
    void longPast_staysPast_whileOthersChange() {
        RangeChanges changes = new RangeChanges();
        long number = 0;
        for (int day = 0; day < 1000; day++) {
            for (int i = 0; i < 10; i++) {
                changes.changed(++number, day, day);
            }
        }
        assertThat(changes.last(0, 900)).isLessThanOrEqualTo(9_850);
        assertThat(changes.last(0, 999)).isEqualTo(number);
    }

    /** Against the number of every place: never lower, and exact as long as there are few ranges. */
    @Test
    void anyChanges_areNeverMissed() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            RangeChanges changes = new RangeChanges();
            long[] places = new long[64];
            Arrays.fill(places, Long.MIN_VALUE);
            boolean few = seed % 2 == 0;
            for (int number = 1; number < 200; number++) {
                int low = few ? random.nextInt(8) : random.nextInt(64);
                int high = Math.min(few ? 7 : 63, low + random.nextInt(6));
                changes.changed(number, low, high);
                Arrays.fill(places, low, high + 1, number);
                int from = random.nextInt(64);
                int to = Math.min(63, from + random.nextInt(20));
                long last = Long.MIN_VALUE;
                for (int place = from; place <= to; place++) {
                    last = Math.max(last, places[place]);
                }
                if (few) {
                    assertThat(changes.last(from, to)).as("seed %d", seed).isEqualTo(last);
                } else {
                    assertThat(changes.last(from, to)).as("seed %d", seed).isGreaterThanOrEqualTo(last);
                }
            }
        }
    }
}
