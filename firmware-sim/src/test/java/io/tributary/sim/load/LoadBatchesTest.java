package io.tributary.sim.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.HostPort;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LoadBatchesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void batches_holdEveryRowOnceAndInOrder() throws Exception {
        LoadBatches.Split split = new LoadBatches(plan(7, 30, 10, 3, 12, 0, 0)).make();
        assertThat(LoadBatches.readings(split.warmUp()) + LoadBatches.readings(split.measured()))
                .isEqualTo(7 * 30 * 10);
        Map<String, List<Long>> times = times(split);
        assertThat(times).hasSize(7);
        times.values().forEach(of -> assertThat(of).hasSize(30).isSorted().doesNotHaveDuplicates());
    }

    @Test
    void warmUp_isWhatComesFirst() throws Exception {
        LoadBatches.Split split = new LoadBatches(plan(4, 20, 10, 1, 5, 0, 0)).make();
        assertThat(LoadBatches.readings(split.warmUp())).isEqualTo(4 * 10 * 10);
        assertThat(split.warmUp()).hasSize(2);
        assertThat(split.warmUp().get(0)).hasSize(4);
    }

    @Test
    void rounds_followEachOtherInTime() throws Exception {
        LoadPlan plan = plan(4, 30, 10, 1, 5, 0, 0);
        List<LoadBatches.Split> rounds = List.of(
                new LoadBatches(plan.round(0)).make(),
                new LoadBatches(plan.round(1)).make(),
                new LoadBatches(plan.behind(2)).make());
        List<Long> all = new ArrayList<>();
        for (LoadBatches.Split round : rounds) {
            assertThat(LoadBatches.readings(round.warmUp())).isZero();
            Map<String, List<Long>> times = times(round);
            assertThat(times).hasSize(4);
            all.addAll(times.values().iterator().next());
        }
        assertThat(all).hasSize(10 + 10 + 20).isSorted().doesNotHaveDuplicates();
        assertThat(all.get(all.size() - 1) - all.get(0)).isEqualTo(39 * 10 * SECOND);
    }

    @Test
    void faults_leaveNoneOutAndAreOutOfOrder() throws Exception {
        Map<String, List<Long>> times = times(new LoadBatches(plan(2, 500, 0, 2, 100, 0.05, 0.01)).make());
        boolean disorder = false;
        long rows = 0;
        for (List<Long> of : times.values()) {
            assertThat(of.stream().distinct()).hasSize(500);
            disorder |= !of.equals(of.stream().sorted().toList());
            rows += of.size();
        }
        assertThat(disorder).isTrue();
        assertThat(rows).isBetween(1001L, 1040L);
    }

    @Test
    void plan_refusesWhatCannotBe() {
        assertThatThrownBy(() -> plan(1, 10, 10, 1, 1, 0, 0)).hasMessageContaining("warm-up steps is 10");
    }

    /** Event times by device, in the order of sending. */
    private static Map<String, List<Long>> times(LoadBatches.Split split) throws Exception {
        Map<String, List<Long>> times = new TreeMap<>();
        for (List<List<LoadBatch>> phase : List.of(split.warmUp(), split.measured())) {
            for (List<LoadBatch> agent : phase) {
                for (LoadBatch each : agent) {
                    add(BatchCodec.decode(each.encoded(), BatchLimits.DEFAULT), times);
                }
            }
        }
        return times;
    }

    private static void add(Batch batch, Map<String, List<Long>> times) {
        for (Table table : batch.tables()) {
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                List<Long> of = times.computeIfAbsent(
                        batch.devices().get(table.runDevice()[run]).id(), unused -> new ArrayList<>());
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    of.add(table.eventTimes()[row]);
                }
            }
        }
    }

    private static LoadPlan plan(
            int devices, long steps, long warmUp, int batchDevices, int batchRows, double late, double duplicate) {
        return new LoadPlan(
                new HostPort("127.0.0.1", 1),
                2,
                devices,
                steps,
                warmUp,
                1,
                1_704_067_200L * SECOND,
                10 * SECOND,
                42,
                0,
                false,
                batchDevices,
                batchRows,
                late,
                60,
                duplicate);
    }
}
