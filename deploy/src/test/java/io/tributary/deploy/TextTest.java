package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTest {

    @Test
    void table_alignsNumbersToTheRight() {
        String table = new TextTable("device", "readings")
                .row("north", 1_234_567L)
                .row("a", 5L)
                .render("  ");
        assertThat(table).isEqualTo("  device  readings\n  north   1,234,567\n  a               5\n");
    }

    @Test
    void chart_drawsLowToHigh() {
        String chart = TextChart.render(List.of(0.0, 50.0, 100.0, Double.NaN), 2, "");
        assertThat(chart).isEqualTo("   100.0 | ▁█ \n     0.0 |▁██ \n");
    }

    @Test
    void chart_withoutValuesSaysSo() {
        assertThat(TextChart.render(List.of(Double.NaN), 3, "")).isEqualTo("(no values)\n");
    }

    @Test
    void metrics_sumOverLabels() {
        Metrics metrics = Metrics.parse(
                "# HELP x_total t\n# TYPE x_total counter\nx_total{cause=\"a b\"} 2.0\nx_total{cause=\"c\"} 3\nx_total_created 9\n");
        assertThat(metrics.sum("x_total")).isEqualTo(5);
        assertThat(metrics.sum("x_total", "cause=\"a b\"")).isEqualTo(2);
        assertThat(metrics.sum("y_total")).isZero();
    }
}
