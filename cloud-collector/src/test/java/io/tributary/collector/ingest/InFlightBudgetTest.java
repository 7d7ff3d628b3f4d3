package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightBudgetTest {
    private final List<String> granted = new ArrayList<>();

    @Test
    void acquire_waitsInLineUntilBytesAreReleased() {
        InFlightBudget budget = new InFlightBudget(100);
        assertThat(acquire(budget, 60, "a")).isTrue();
        assertThat(acquire(budget, 60, "b")).isFalse();
        assertThat(acquire(budget, 10, "c")).as("no overtaking").isFalse();
        assertThat(budget.waiting()).isEqualTo(2);
        budget.release(60);
        assertThat(granted).containsExactly("b", "c");
        assertThat(budget.usedBytes()).isEqualTo(70);
    }

    @Test
    void acquire_ofMoreThanEverything_getsInAlone() {
        InFlightBudget budget = new InFlightBudget(100);
        assertThat(acquire(budget, 1, "small")).isTrue();
        assertThat(acquire(budget, 500, "huge")).isFalse();
        budget.release(1);
        assertThat(granted).containsExactly("huge");
        assertThat(acquire(budget, 1, "after")).isFalse();
        budget.release(500);
        assertThat(granted).containsExactly("huge", "after");
    }

    private boolean acquire(InFlightBudget budget, long bytes, String name) {
        return budget.acquire(bytes, () -> granted.add(name));
    }
}
