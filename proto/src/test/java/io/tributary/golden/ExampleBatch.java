package io.tributary.golden;

import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.List;
import java.util.Map;

/** The batch that FORMAT.md takes apart: two devices, four rows, every type of value, one gap, one bad reading. */
final class ExampleBatch {
    private static final long START_NS = 1_767_225_600_000_000_000L; // 2026-01-01T00:00:00Z
    private static final long SECOND_NS = 1_000_000_000L;

    private ExampleBatch() {}

    static Batch build() {
        long[] events = {START_NS, START_NS + SECOND_NS, START_NS + 2 * SECOND_NS, START_NS + SECOND_NS};
        long[] edges = new long[events.length];
        for (int row = 0; row < edges.length; row++) {
            edges[row] = events[row] + 2_000_000 + row;
        }
        byte[] badInRow1 = {(byte) Quality.GOOD, (byte) Quality.BAD_SENSOR, (byte) Quality.GOOD};
        Column[] columns = {
            Column.ofDoubles(new double[] {20.5, 20.6, 20.75, 19}, 4, null, null),
            Column.ofLongs(new long[] {7, -1, 9}, 3, new long[] {0b0111}, badInRow1),
            Column.ofBools(new long[] {1, 1, 0, 1}, 4, null, null),
            Column.ofStrings(new String[] {"run", "run", "stop", "run"}, 4, null, null)
        };
        Table table = new Table(4, new int[] {0, 1}, new int[] {3, 1}, events, edges, new int[] {0, 1, 2, 3}, columns);
        return new Batch(
                List.of(new Device("pump", Map.of("site", "north")), Device.of("fan")),
                List.of(
                        new Channel("temp", ValueType.DOUBLE, "Cel"),
                        Channel.of("count", ValueType.LONG),
                        Channel.of("on", ValueType.BOOL),
                        Channel.of("state", ValueType.STRING)),
                List.of(table));
    }
}
