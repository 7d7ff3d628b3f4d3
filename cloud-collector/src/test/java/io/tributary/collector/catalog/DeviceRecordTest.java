package io.tributary.collector.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceRecordTest {
    private static DeviceRecord record() {
        DeviceRecord record = new DeviceRecord();
        record.tell(Map.of("site", "north", "model", "x1"));
        record.observe(new Channel("t", ValueType.DOUBLE, "C"), 100, 10, 20);
        record.observe(new Channel("t", ValueType.DOUBLE, "C"), 200, 5, 15);
        record.observe(new Channel("t", ValueType.DOUBLE, "K"), 300, 30, 40);
        record.observe(new Channel("n", ValueType.LONG, ""), 300, -3, 40);
        record.tell(Map.of());
        return record;
    }

    @Test
    void record_survives() throws CorruptColumnException {
        DeviceRecord copy = DeviceRecord.decode(record().encode());
        assertThat(copy.detail("d")).isEqualTo(record().detail("d"));
        assertThat(copy.entry("d")).isEqualTo(new DeviceEntry("d", Map.of("site", "north", "model", "x1"), -3, 40));
        assertThat(copy.detail("d").channels().get(1))
                .isEqualTo(new ChannelEntry(
                        new Channel("t", ValueType.DOUBLE, "K"),
                        5,
                        40,
                        List.of(
                                new SchemaChange(100, ValueType.DOUBLE, "C"),
                                new SchemaChange(300, ValueType.DOUBLE, "K"))));
        assertThat(DeviceRecord.lastEventTime(record().encode())).isEqualTo(40);
        assertThat(DeviceRecord.lastEventTime(new byte[] {99})).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void history_keepsTheFirstAndTheLatest() {
        DeviceRecord record = new DeviceRecord();
        for (int i = 0; i < 1000; i++) {
            record.observe(new Channel("t", ValueType.DOUBLE, "u" + i), i, i, i);
        }
        List<SchemaChange> history = record.detail("d").channels().get(0).history();
        assertThat(history).hasSize(32);
        assertThat(history.get(0).unit()).isEqualTo("u0");
        assertThat(history.get(31).unit()).isEqualTo("u999");
        assertThat(history.get(1).unit()).isEqualTo("u969");
    }

    @Test
    void damage_isAnExceptionOrAnotherRecord() {
        byte[] bytes = record().encode();
        for (int i = 0; i < bytes.length; i++) {
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> DeviceRecord.decode(cut)).isInstanceOf(CorruptColumnException.class);
        }
    }

    @Test
    void fragments_ofTheNewestBucketAreCounted() {
        DeviceRecord record = new DeviceRecord();
        assertThat(record.wrote(5, 1, 3)).isFalse();
        assertThat(record.wrote(4, 9, 3)).isFalse();
        assertThat(record.wrote(5, 1, 3)).isFalse();
        assertThat(record.wrote(5, 1, 3)).isTrue();
        assertThat(record.wrote(5, 1, 3)).isFalse();
        assertThat(record.wrote(6, 1, 3)).isFalse();
    }

    @Test
    void utf8Order_isThatOfTheBytes() {
        List<String> ids = new ArrayList<>(List.of("a", "b", "é", "\uffee", "\ud83d\ude00", "ab", "\ue000"));
        List<String> expected = new ArrayList<>(ids);
        expected.sort((a, b) ->
                Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
        ids.sort(Utf8Order.INSTANCE);
        assertThat(ids).isEqualTo(expected);
    }
}
