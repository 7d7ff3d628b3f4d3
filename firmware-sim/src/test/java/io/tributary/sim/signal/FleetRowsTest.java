package io.tributary.sim.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.ValueType;
import io.tributary.sim.fault.FaultRates;
import io.tributary.sim.fault.FaultyRows;
import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FleetRowsTest {
    private static final long START = FleetRows.REFERENCE_START_NS;
    private static final FaultRates NO_FAULTS = new FaultRates(0, 60, 0, 0);

    /** The sums are of the line protocol that the generator behind the published figures writes. */
    @Test
    void reference_fleet_is_bit_identical() throws Exception {
        assertThat(sum(FleetRows.reference(7, 100, START, 10_000_000_000L, 42, false), 42, NO_FAULTS))
                .isEqualTo("87836c4ae1c60f5aceb67d287ee045051b9ad026a51096a7f9764568b28da6f5");
        assertThat(sum(FleetRows.reference(7, 100, START, 1_000_000_000L, 7, true), 7, NO_FAULTS))
                .isEqualTo("70cc5d46a260e7ef2f1488a469fba13d1e9ad0e28d7189d6a16fb97d63bb25ef");
    }

    @Test
    void reference_fleet_with_late_and_duplicate_rows_comes_in_the_same_order() throws Exception {
        FaultRates rates = new FaultRates(0.05, 60, 0.01, 0);
        assertThat(sum(FleetRows.reference(7, 100, START, 10_000_000_000L, 42, false), 42, rates))
                .isEqualTo("fce4dc52a3988728b64262a767d82b4b44b1873206eda2620f3637313592cbe7");
    }

    private static String sum(RowStream fleet, long seed, FaultRates rates) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (RowStream rows = FaultyRows.of(fleet, 7, rates, seed)) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                digest.update(line(row).getBytes(StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String line(Row row) {
        Map<String, String> tags = row.device().tags();
        StringBuilder line = new StringBuilder("truck,device=" + row.device().id() + ",site=" + tags.get("site")
                + ",model=" + tags.get("model") + ",fw=" + tags.get("fw"));
        for (int i = 0; i < row.size(); i++) {
            line.append(i == 0 ? ' ' : ',').append(row.channel(i).name()).append('=');
            switch (row.channel(i).type()) {
                case DOUBLE -> line.append(row.doubleValue(i));
                case LONG -> line.append(row.bits(i)).append('i');
                case BOOL -> line.append(row.bits(i) != 0 ? 't' : 'f');
                case STRING -> line.append('"').append(row.text(i)).append('"');
            }
        }
        return line.append(' ').append(row.eventTimeNs()).append('\n').toString();
    }

    @Test
    void mixed_fleet_has_every_type_and_repeats_with_its_seed() throws Exception {
        List<String> first = strings(FleetRows.mixed(3, 9, 50, 1000, 10, 5, "sim-"));
        assertThat(strings(FleetRows.mixed(3, 9, 50, 1000, 10, 5, "sim-"))).isEqualTo(first);
        assertThat(strings(FleetRows.mixed(3, 9, 50, 1000, 10, 6, "sim-"))).isNotEqualTo(first);
        assertThat(first).hasSize(150);
        Row row = Objects.requireNonNull(
                FleetRows.mixed(1, 9, 1, 1000, 10, 5, "sim-").next());
        Set<ValueType> types = EnumSet.noneOf(ValueType.class);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            types.add(row.channel(i).type());
            names.add(row.channel(i).name());
        }
        assertThat(types).isEqualTo(EnumSet.allOf(ValueType.class));
        assertThat(names).doesNotHaveDuplicates().contains("temperature", "temperature-2");
        assertThat(row.device().id()).isEqualTo("sim-00000");
    }

    @Test
    void a_device_does_not_depend_on_how_many_there_are() throws Exception {
        List<String> few = strings(FleetRows.mixed(2, 7, 20, 0, 1, 5, "d"));
        List<String> many = strings(FleetRows.mixed(9, 7, 20, 0, 1, 5, "d"));
        assertThat(many).containsAll(few);
    }

    private static List<String> strings(RowStream rows) throws Exception {
        List<String> all = new ArrayList<>();
        for (Row row = rows.next(); row != null; row = rows.next()) {
            all.add(row.toString());
        }
        return all;
    }
}
