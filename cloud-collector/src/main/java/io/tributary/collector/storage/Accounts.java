package io.tributary.collector.storage;

import io.tributary.collector.account.AccountReader;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.collector.partition.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Accounts of one moment: what flushes settled, plus what the heads will come to. */
final class Accounts implements AccountReader {
    private final EngineParts parts;

    Accounts(EngineParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Origin> origins() {
        return parts.book().origins();
    }

    @Override
    public OriginAccount account(Origin origin) {
        OriginLedger ledger;
        List<HeadDevice> held = new ArrayList<>();
        parts.publication().lock();
        try {
            ledger = parts.book().ledger(origin);
            for (Partition partition : parts.partitions()) {
                synchronized (partition) {
                    held.addAll(partition.active().all());
                }
            }
        } finally {
            parts.publication().unlock();
        }
        Settlement settlement = new Settlement();
        for (HeadDevice device : held) {
            Map<SeriesKey, List<SeriesRows>> fresh = new TreeMap<>();
            for (RowGroup group : device.groups(Long.MIN_VALUE, Long.MAX_VALUE)) {
                for (int i = 0; i < group.channels().length; i++) {
                    fresh.computeIfAbsent(SeriesKey.of(group.channels()[i]), key -> new ArrayList<>())
                            .add(SeriesRows.of(group, i));
                }
            }
            fresh.values().forEach(rows -> SeriesMerge.of(List.of(), rows, settlement));
        }
        Settlement.Counts counts = settlement.of(origin);
        return ledger.account(counts.stored(), counts.duplicate(), counts.replaced());
    }
}
