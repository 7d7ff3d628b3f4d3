package io.tributary.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import io.tributary.sim.signal.FleetRows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultyRowsTest {
    private static final int DEVICES = 5;
    private static final int STEPS = 400;

    @Test
    void without_faults_rows_pass() throws Exception {
        assertThat(strings(faulty(new FaultRates(0, 1, 0, 0)))).isEqualTo(strings(fleet()));
    }

    @Test
    void late_rows_come_later_and_none_is_missing() throws Exception {
        FaultyRows rows = faulty(new FaultRates(0.1, 3, 0, 0));
        List<String> all = strings(rows);
        assertThat(all).containsExactlyInAnyOrderElementsOf(strings(fleet())).isNotEqualTo(strings(fleet()));
        assertThat(rows.late()).isBetween(100L, 300L);
    }

    @Test
    void duplicates_are_unchanged_and_counted() throws Exception {
        FaultyRows rows = faulty(new FaultRates(0, 1, 0.1, 0));
        List<String> all = strings(rows);
        assertThat(all).hasSize(DEVICES * STEPS + (int) rows.duplicates());
        assertThat(new HashSet<>(all)).isEqualTo(new HashSet<>(strings(fleet())));
        assertThat(rows.duplicates()).isPositive();
    }

    @Test
    void rows_out_of_order_come_right_behind_the_next_of_their_device() throws Exception {
        FaultyRows rows = faulty(new FaultRates(0, 1, 0, 0.2));
        List<Row> all = new ArrayList<>();
        for (Row row = rows.next(); row != null; row = rows.next()) {
            all.add(row);
        }
        long steppedBack = 0;
        for (int i = 1; i < all.size(); i++) {
            boolean back = all.get(i).eventTimeNs() < all.get(i - 1).eventTimeNs();
            if (back && all.get(i).device().equals(all.get(i - 1).device())) {
                steppedBack++;
            }
        }
        assertThat(all).hasSize(DEVICES * STEPS);
        assertThat(steppedBack).isBetween(rows.outOfOrder() - DEVICES, rows.outOfOrder());
        assertThat(rows.outOfOrder()).isPositive();
    }

    @Test
    void shares_outside_of_0_to_100_percent_are_refused() {
        assertThatThrownBy(() -> new FaultRates(1.01, 1, 0, 0)).hasMessageContaining("101.0 %");
        assertThatThrownBy(() -> new FaultRates(0, 1, Double.NaN, 0)).hasMessageContaining("duplicate");
        assertThatThrownBy(() -> new FaultRates(0, 0, 0, 0)).hasMessageContaining("steps");
    }

    private static FleetRows fleet() {
        return FleetRows.mixed(DEVICES, 3, STEPS, 0, 1000, 3, "d");
    }

    private static FaultyRows faulty(FaultRates rates) {
        return FaultyRows.of(fleet(), DEVICES, rates, 3);
    }

    private static List<String> strings(RowStream rows) throws Exception {
        List<String> all = new ArrayList<>();
        for (Row row = rows.next(); row != null; row = rows.next()) {
            all.add(row.toString());
        }
        return all;
    }
}
