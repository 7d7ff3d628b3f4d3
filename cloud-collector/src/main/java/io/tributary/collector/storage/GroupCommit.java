package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.log.LogRecordCodec;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.ReceivedCut;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.collector.partition.RoutedRows;
import io.tributary.collector.partition.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A group of appends on its way into one write. Nothing outside of it changes until the write succeeded: a group that
 * fails leaves no trace. Used by the committer only.
 */
final class GroupCommit {
    /** Out of order deliveries leave gaps; more of them than this are no agent's doing. */
    private static final int INTERVALS_MAX = 1 << 16;

    /** A log record in the write. */
    record Logged(RoutedRows part, long offset, long recordBytes) {}

    /** An append in the write. */
    record Staged(
            AppendQueue.Entry entry,
            OriginLedger ledger,
            long collectorTimeNs,
            long redelivered,
            List<Logged> records) {}

    private final EngineParts parts;
    private final CollectorClock clock;
    private final WriteBatch batch;
    private final List<Staged> staged = new ArrayList<>();
    private final List<DeadLetters.Staged> letters = new ArrayList<>();
    private final Map<Origin, OriginLedger> ledgers = new LinkedHashMap<>();
    private final Map<Integer, Long> nextOffsets = new HashMap<>();

    GroupCommit(EngineParts parts, CollectorClock clock, WriteBatch batch) {
        this.parts = parts;
        this.clock = clock;
        this.batch = batch;
    }

    List<Staged> staged() {
        return staged;
    }

    List<DeadLetters.Staged> letters() {
        return letters;
    }

    Map<Origin, OriginLedger> ledgers() {
        return ledgers;
    }

    /** Adds an append or a loss; when it throws, the group is as it was before. */
    void add(AppendQueue.Entry entry) throws RocksDBException {
        batch.setSavePoint();
        int lettersBefore = letters.size();
        Map<Integer, Long> offsetsBefore = Map.copyOf(nextOffsets);
        try {
            OriginLedger before = ledger(entry.origin());
            Append append = entry.append();
            Staged result = append == null ? loss(entry, before) : arrival(entry, append, before);
            if (result.ledger().known().intervals() > INTERVALS_MAX) {
                throw new IllegalStateException("origin " + entry.origin() + " has more than " + INTERVALS_MAX
                        + " gaps in its sequence; deliver the missing ones first");
            }
            ledgers.put(entry.origin(), result.ledger());
            staged.add(result);
            batch.popSavePoint();
        } catch (RocksDBException | RuntimeException e) {
            batch.rollbackToSavePoint();
            letters.subList(lettersBefore, letters.size()).clear();
            nextOffsets.clear();
            nextOffsets.putAll(offsetsBefore);
            throw e;
        }
    }

    /** Adds what is written once per group. */
    void finish() throws RocksDBException {
        for (Map.Entry<Origin, OriginLedger> each : ledgers.entrySet()) {
            Origin origin = each.getKey();
            parts.book().write(batch, origin, parts.book().ledger(origin), each.getValue());
        }
        batch.put(parts.store().meta, Keys.CLOCK, Keys.longs(clock.last()));
    }

    private OriginLedger ledger(Origin origin) {
        OriginLedger inGroup = ledgers.get(origin);
        return inGroup == null ? parts.book().ledger(origin) : inGroup;
    }

    private Staged loss(AppendQueue.Entry entry, OriginLedger before) {
        String cause = String.valueOf(entry.cause());
        OriginLedger after = before.evict(entry.first(), entry.end(), cause);
        return new Staged(entry, after, clock.next(), 0, List.of());
    }

    private Staged arrival(AppendQueue.Entry entry, Append append, OriginLedger before) throws RocksDBException {
        long collectorTime = clock.next();
        long fresh = append.count() - before.known().countIn(entry.first(), entry.end());
        OriginLedger after = before.arrive(entry.first(), entry.end());
        if (fresh == 0) {
            return new Staged(entry, after, collectorTime, append.count(), List.of());
        }
        List<RoutedRows> routed = entry.parts();
        long stored = append.batch().readingCount();
        long erased = 0;
        Erasures.View erasures = parts.lifecycle().erasures().view();
        boolean guarded = entry.first() < erasures.end(entry.origin());
        if (fresh < append.count() || guarded) {
            Rows cut = ReceivedCut.apply(PartitionRouter.rows(append), before.known());
            stored = cut.batch().readingCount();
            if (guarded) {
                cut = ReceivedCut.apply(cut, ErasedSequences.of(cut, entry.origin(), erasures));
                erased = stored - cut.batch().readingCount();
            }
            routed = parts.router().route(cut, append.firstSequence());
        }
        after = reject(append, after, fresh - stored, collectorTime);
        after = erased == 0 ? after : after.reject(ErasedSequences.CAUSE, erased);
        List<Logged> records = new ArrayList<>(routed.size());
        for (RoutedRows part : routed) {
            if (part.readings() == 0) {
                continue; // rows without a value leave no trace
            }
            long offset =
                    nextOffsets.computeIfAbsent(part.partition(), number -> parts.partitions()[number].nextOffset());
            byte[] record = LogRecordCodec.encode(new LogRecord(
                    append.origin(),
                    part.firstSequence(),
                    collectorTime,
                    part.readings(),
                    part.ranked() ? null : part.rows().sequences(),
                    part.encoded()));
            batch.put(parts.store().log, Keys.log(part.partition(), offset), record);
            nextOffsets.put(part.partition(), offset + 1);
            records.add(new Logged(part, offset, record.length));
        }
        return new Staged(entry, after, collectorTime, append.count() - fresh, records);
    }

    /** Which of the rejected readings had been rejected before is not known, but how many: the first causes count. */
    private OriginLedger reject(Append append, OriginLedger ledger, long fresh, long collectorTime)
            throws RocksDBException {
        OriginLedger after = ledger;
        long left = fresh;
        for (RejectedRows rows : append.rejections()) {
            long readings = Math.min(left, rows.readings());
            left -= readings;
            if (readings > 0) {
                after = after.reject(rows.cause(), readings);
                letters.add(parts.deadLetters()
                        .stage(
                                batch,
                                collectorTime,
                                rows.cause(),
                                rows.detail(),
                                append.origin(),
                                rows.range(),
                                readings,
                                rows.payload()));
            }
        }
        return after;
    }
}
