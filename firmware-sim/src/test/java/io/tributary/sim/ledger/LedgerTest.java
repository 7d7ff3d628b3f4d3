package io.tributary.sim.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.link.DeliveryLog.Result;
import io.tributary.sim.row.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final Channel TEMPERATURE = Channel.of("t", ValueType.DOUBLE);
    private static final Channel COUNT = Channel.of("n", ValueType.LONG);
    private static final Channel STATE = Channel.of("s", ValueType.STRING);
    private static final Channel DOOR = Channel.of("b", ValueType.BOOL);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void rows_come_back_with_what_became_of_them_in_order_of_the_answers() throws Exception {
        Path file = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(file)) {
            writer.sending(0, List.of(row("a", 1), row("b", 2), row("a", 3)));
            writer.sending(1, List.of(row("b", -4)));
            writer.sending(2, List.of(row("c", 5)));
            writer.sending(3, List.of(row("c", 6)));
            writer.settled(1, 0, 1, Result.ACCEPTED);
            writer.settled(0, 0, 1, Result.ACCEPTED);
            writer.settled(0, 1, 2, Result.REJECTED);
            writer.settled(3, 0, 1, Result.UNSENT);
        }
        assertThat(read(file))
                .containsExactly(
                        "ACCEPTED " + row("b", -4),
                        "ACCEPTED " + row("a", 1),
                        "REJECTED " + row("b", 2),
                        "IN_DOUBT " + row("a", 3),
                        "IN_DOUBT " + row("c", 5));
    }

    @Test
    void bits_and_quality_survive() throws Exception {
        Path file = directory.resolve("ledger");
        long payload = 0x7ff8_0000_dead_beefL;
        Row row = Row.builder(Device.of("d"), Long.MIN_VALUE + 1, 2)
                .add(TEMPERATURE, payload, null, Quality.BAD_SENSOR)
                .add(COUNT, Long.MIN_VALUE)
                .build();
        try (LedgerWriter writer = LedgerWriter.open(file)) {
            writer.sending(7, List.of(row));
        }
        LedgerReader.read(file, (read, fate) -> {
            assertThat(read.eventTimeNs()).isEqualTo(Long.MIN_VALUE + 1);
            assertThat(read.bits(0)).isEqualTo(payload);
            assertThat(read.quality(0)).isEqualTo(Quality.BAD_SENSOR);
            assertThat(read.bits(1)).isEqualTo(Long.MIN_VALUE);
        });
    }

    @Test
    void a_torn_tail_is_ignored_wherever_it_is_torn_and_cut_off_by_the_next_run() throws Exception {
        Path whole = directory.resolve("whole");
        try (LedgerWriter writer = LedgerWriter.open(whole)) {
            writer.sending(0, List.of(row("a", 1)));
            writer.settled(0, 0, 1, Result.ACCEPTED);
            writer.sending(1, List.of(row("a", 2)));
            writer.settled(1, 0, 1, Result.ACCEPTED);
        }
        byte[] bytes = Files.readAllBytes(whole);
        List<String> all = read(whole);
        for (int length = 8; length < bytes.length; length++) {
            Path torn = directory.resolve("torn");
            Files.write(torn, Arrays.copyOf(bytes, length));
            List<String> rows = read(torn);
            assertThat(rows.size()).as("%d bytes", length).isLessThanOrEqualTo(2);
            for (int i = 0; i < rows.size(); i++) {
                assertThat(rows.get(i).substring(9)).isEqualTo(all.get(i).substring(9));
            }
            try (LedgerWriter writer = LedgerWriter.open(torn)) {
                writer.sending(0, List.of(row("z", 9)));
                writer.settled(0, 0, 1, Result.ACCEPTED);
            }
            List<String> more = new ArrayList<>(rows);
            more.add("ACCEPTED " + row("z", 9));
            assertThat(read(torn)).isEqualTo(more);
        }
    }

    @Test
    void damage_before_the_end_is_an_error() throws Exception {
        Path file = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(file)) {
            writer.sending(0, List.of(row("a", 1)));
            writer.settled(0, 0, 1, Result.ACCEPTED);
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[40] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> read(file)).isInstanceOf(IOException.class).hasMessageContaining("damaged");
        Files.writeString(file, "something else");
        assertThatThrownBy(() -> read(file)).hasMessageContaining("no ledger");
        assertThatThrownBy(() -> LedgerWriter.open(file)).hasMessageContaining("no ledger");
        assertThat(file).hasContent("something else");
    }

    @Test
    void the_bytes_are_as_drawn() throws Exception {
        Path file = directory.resolve("ledger");
        try (LedgerWriter writer = LedgerWriter.open(file)) {
            writer.sending(
                    5, List.of(Row.builder(Device.of("d"), 3, 1).add(COUNT, -1).build()));
            writer.settled(5, 0, 1, Result.REJECTED);
        }
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(GOLDEN);
    }

    private static final String GOLDEN = "545249424c444731" + "0000000052d016a001"
            + "0c0000001aa98015" + "020501000164060100016e0101"
            + "04000000fe46ef4a" + "0305000101";

    private static Row row(String device, long time) {
        return Row.builder(Device.of(device), time, 4)
                .add(TEMPERATURE, time * 0.1)
                .add(COUNT, time)
                .add(STATE, "state ü " + time)
                .add(DOOR, time % 2 == 0)
                .build();
    }

    private static List<String> read(Path file) throws IOException {
        List<String> rows = new ArrayList<>();
        LedgerReader.read(file, (row, fate) -> rows.add(fate + " " + row));
        return rows;
    }
}
