package io.tributary.collector.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.rocksdb.TickerType;

/**
 * Everything that the store writes to disk, in bytes since it was opened.
 *
 * <pre>
 * log          segments of the log, without their headers
 * wal          write-ahead log of the database: what does not follow from the log
 * tables       memtables written out, of all families
 * compaction   tables merged into others
 * </pre>
 *
 * The manifest, headers of segments and the text log are left out: some kilobytes for each table or segment. Any thread.
 */
final class WrittenBytes {
    private final RocksStore store;
    private final Leases leases;
    private final LongSupplier log;

    /** @param log bytes of log records written */
    WrittenBytes(RocksStore store, Leases leases, LongSupplier log) {
        this.store = store;
        this.leases = leases;
        this.log = log;
    }

    /** By the names above. */
    Map<String, Long> byPart() {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("log", log.getAsLong());
        leases.acquire();
        try {
            parts.put("wal", store.counted(TickerType.WAL_FILE_BYTES));
            parts.put("tables", store.counted(TickerType.FLUSH_WRITE_BYTES));
            parts.put("compaction", store.counted(TickerType.COMPACT_WRITE_BYTES));
        } finally {
            leases.release();
        }
        return parts;
    }

    /** All of them. */
    long sum() {
        return byPart().values().stream().mapToLong(Long::longValue).sum();
    }
}
