package io.tributary.collector.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GapProofTest {
    private static final SequenceRange TEN = new SequenceRange(0, 10);

    @Test
    void currentEpoch_hasItsUndeliveredReadingsQueued() {
        EpochGaps gaps = GapProof.of(1, true, 30, 5, held(List.of(new SequenceRange(5, 15)), Map.of(), 15));
        assertThat(gaps.queued()).containsExactly(new SequenceRange(20, 10));
        assertThat(gaps.missing()).containsExactly(new SequenceRange(0, 5));
        assertThat(gaps.account().accepted()).isEqualTo(30);
        assertThat(gaps.account().missing()).isEqualTo(5);
        assertThat(gaps.account().addsUp()).isFalse();
    }

    @Test
    void earlierEpoch_cannotDeliverAnyMore() {
        EpochGaps gaps = GapProof.of(1, false, 30, 5, held(List.of(TEN), Map.of(), 10));
        assertThat(gaps.queued()).isEmpty();
        assertThat(gaps.missing()).containsExactly(new SequenceRange(10, 20));
        assertThat(gaps.account().addsUp()).isFalse();
    }

    @Test
    void evicted_countsWhatDidNotArriveAfterAllAndOnce() {
        Map<String, List<SequenceRange>> told =
                Map.of("age", List.of(new SequenceRange(5, 15)), "disk-full", List.of(new SequenceRange(10, 30)));
        EpochGaps gaps = GapProof.of(1, true, 40, 40, held(List.of(TEN), told, 10));
        assertThat(gaps.account().evicted()).containsOnly(Map.entry("age", 10L), Map.entry("disk-full", 20L));
        assertThat(gaps.evicted())
                .containsExactly(
                        new EpochGaps.EvictedRange(new SequenceRange(10, 10), "age"),
                        new EpochGaps.EvictedRange(new SequenceRange(20, 20), "disk-full"));
        assertThat(gaps.account().addsUp()).isTrue();
    }

    @Test
    void received_beyondWhatTheAgentTold_extendsTheAccepted() {
        EpochGaps gaps = GapProof.of(1, true, 0, 0, held(List.of(TEN), Map.of(), 10));
        assertThat(gaps.nextSequence()).isEqualTo(10);
        assertThat(gaps.account().addsUp()).isTrue();
    }

    @Test
    void ranges_areAPartitionOfAllSequences() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<SequenceRange> received = ranges(random);
            List<SequenceRange> evicted = ranges(random);
            EpochGaps gaps = GapProof.of(
                    1, true, 1 + random.nextInt(120), random.nextInt(60), held(received, Map.of("age", evicted), 0));
            int[] owners = new int[(int) gaps.nextSequence()];
            gaps.received().forEach(range -> own(owners, range));
            gaps.evicted().forEach(each -> own(owners, each.range()));
            gaps.queued().forEach(range -> own(owners, range));
            gaps.missing().forEach(range -> own(owners, range));
            assertThat(owners).as("seed %d", seed).containsOnly(1);
        }
    }

    private static void own(int[] owners, SequenceRange range) {
        for (long s = range.first(); s < range.end(); s++) {
            owners[(int) s]++;
        }
    }

    private static List<SequenceRange> ranges(Random random) {
        List<SequenceRange> ranges = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            ranges.add(new SequenceRange(random.nextInt(80), 1 + random.nextInt(20)));
        }
        return ranges;
    }

    private static OriginAccount held(
            List<SequenceRange> received, Map<String, List<SequenceRange>> evicted, long stored) {
        return new OriginAccount(received, evicted, Map.of(), stored, 0, 0, 0);
    }
}
