package io.tributary.collector.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PartitionerTest {
    /** Stored data depends on these: a change is another format. */
    @Test
    void partition_staysTheSameForever() {
        Partitioner partitioner = new Partitioner(64);
        assertThat(partitioner.of("123456789")).isEqualTo((int) (0xE3069283L % 64)); // the check value of CRC-32C
        assertThat(new Partitioner(1000).of("123456789")).isEqualTo((int) (0xE3069283L % 1000));
        assertThat(partitioner.of("überall")).isEqualTo(partitioner.of("\u00fcberall"));
    }

    @Test
    void devices_spread() {
        int[] count = new int[64];
        Partitioner partitioner = new Partitioner(64);
        for (int i = 0; i < 64_000; i++) {
            count[partitioner.of("device-" + i)]++;
        }
        assertThat(Arrays.stream(count).allMatch(of -> of > 700 && of < 1300)).isTrue();
    }
}
