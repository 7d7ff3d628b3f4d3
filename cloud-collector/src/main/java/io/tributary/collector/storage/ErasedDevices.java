package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import io.tributary.column.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Which stored devices a request means. */
final class ErasedDevices {
    private final EngineParts parts;

    ErasedDevices(EngineParts parts) {
        this.parts = parts;
    }

    /** IDs that the catalog knows, for a pattern; otherwise the one ID, known or not. */
    List<String> of(ErasureRequest request) throws RocksDBException {
        if (!request.patterns()) {
            return List.of(request.device());
        }
        Glob glob = new Glob(request.device());
        List<String> devices = new ArrayList<>();
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = parts.store().iterator(parts.store().catalog, options)) {
            for (each.seek(Utf8.encode(glob.prefix())); each.isValid(); each.next()) {
                String id = new String(each.key(), StandardCharsets.UTF_8);
                if (!id.startsWith(glob.prefix())) {
                    break;
                }
                if (glob.matches(id)) {
                    devices.add(id);
                }
            }
            each.status();
        }
        return devices;
    }

    /** The partitions in which such devices may be. */
    List<Partition> partitions(ErasureRequest request) {
        return request.patterns() ? List.of(parts.partitions()) : List.of(parts.partitionOf(request.device()));
    }
}
