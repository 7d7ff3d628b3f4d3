package io.tributary.collector.partition;

import io.tributary.column.Utf8;
import java.util.zip.CRC32C;

/**
 * Which partition a device belongs to: CRC-32C of its ID's UTF-8 bytes, unsigned, modulo the count. Stored data depends
 * on it: it never changes, and neither does the count of a store. Any thread.
 */
public final class Partitioner {
    private final int partitions;

    public Partitioner(int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions is " + partitions + ", expected at least 1");
        }
        this.partitions = partitions;
    }

    public int partitions() {
        return partitions;
    }

    /** @return 0 to partitions - 1 */
    public int of(String device) {
        CRC32C crc = new CRC32C();
        byte[] bytes = Utf8.encode(device);
        crc.update(bytes, 0, bytes.length);
        return (int) (crc.getValue() % partitions);
    }
}
