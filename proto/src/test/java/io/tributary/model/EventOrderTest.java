package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventOrderTest {
    @Test
    void order_isThatOfAStableSort() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            int from = random.nextInt(4);
            long[] times = times(random, from + random.nextInt(200));
            int to = Math.max(from, times.length - random.nextInt(4));
            int[] expected = IntStream.range(from, to)
                    .boxed()
                    .sorted(Comparator.comparingLong(row -> times[row]))
                    .mapToInt(Integer::intValue)
                    .toArray();

            int[] order = EventOrder.of(times, from, to);

            boolean ascends = IntStream.range(from + 1, to).allMatch(row -> times[row - 1] <= times[row]);
            assertThat(order == null).as("seed %d", seed).isEqualTo(ascends);
            if (order != null) {
                assertThat(order).as("seed %d", seed).isEqualTo(expected);
            }
        }
    }

    /** Ascending with a share of late ones, from none to all, and the two ends of what a time can be. */
    private static long[] times(Random random, int size) {
        long[] times = new long[size];
        int late = random.nextInt(101);
        int span = 1 + random.nextInt(100);
        for (int row = 0; row < size; row++) {
            times[row] = row - (random.nextInt(100) < late ? random.nextInt(span) : 0);
            if (random.nextInt(100) == 0) {
                times[row] = random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
            }
        }
        return times;
    }
}
