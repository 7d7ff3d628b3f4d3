package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.ReceivedCut;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.collector.partition.RoutedRows;
import io.tributary.collector.partition.Rows;
import io.tributary.collector.partition.UsedDictionaries;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A group of appends on its way into one write. Nothing outside of it changes until the write succeeded: a group that
 * fails leaves no trace. Used by the committer only.
 */
final class GroupCommit {
    /** Out of order deliveries leave gaps; more of them than this are no agent's doing. */
    private static final int INTERVALS_MAX = 1 << 16;

    private static final byte[] NONE = {};

    /**
     * An append in the write.
     *
     * @param routed what goes into heads
     */
    record Staged(
            AppendQueue.Entry entry,
            OriginLedger ledger,
            LogRecord record,
            long redelivered,
            List<RoutedRows> routed) {}

    private final EngineParts parts;
    private final CollectorClock clock;
    private final List<Staged> staged = new ArrayList<>();
    private final Map<Origin, OriginLedger> ledgers = new LinkedHashMap<>();

    GroupCommit(EngineParts parts, CollectorClock clock) {
        this.parts = parts;
        this.clock = clock;
    }

    List<Staged> staged() {
        return staged;
    }

    List<LogRecord> records() {
        return staged.stream().map(Staged::record).toList();
    }

    Map<Origin, OriginLedger> ledgers() {
        return ledgers;
    }

    /** Adds an append or a loss; when it throws, the group is as it was before. */
    void add(AppendQueue.Entry entry) {
        OriginLedger before = ledgers.get(entry.origin());
        before = before == null ? parts.book().ledger(entry.origin()) : before;
        Append append = entry.append();
        Staged result = append == null ? loss(entry, before) : arrival(entry, append, before);
        if (result.ledger().known().intervals() > INTERVALS_MAX) {
            throw new IllegalStateException("origin " + entry.origin() + " has more than " + INTERVALS_MAX
                    + " gaps in its sequence; deliver the missing ones first");
        }
        ledgers.put(entry.origin(), result.ledger());
        staged.add(result);
    }

    private Staged loss(AppendQueue.Entry entry, OriginLedger before) {
        LogRecord record = new LogRecord(
                entry.origin(),
                entry.first(),
                entry.end() - entry.first(),
                clock.next(),
                0,
                null,
                List.of(),
                0,
                String.valueOf(entry.cause()),
                NONE);
        return new Staged(entry, Ledgers.after(before, record), record, 0, List.of());
    }

    private Staged arrival(AppendQueue.Entry entry, Append append, OriginLedger before) {
        long fresh = append.count() - before.known().countIn(entry.first(), entry.end());
        Erasures.View erasures = parts.lifecycle().erasures().view();
        boolean guarded = entry.first() < erasures.end(entry.origin());
        Batch batch = append.batch();
        List<RoutedRows> routed = entry.parts();
        long[][] sequences = append.rowSequences();
        byte[] encoded = append.encoded();
        long stored = append.batch().readingCount();
        long erased = 0;
        if (fresh == 0) {
            stored = 0;
        } else if (fresh < append.count() || guarded) {
            Rows rows = ReceivedCut.apply(PartitionRouter.rows(append), before.known());
            stored = rows.batch().readingCount();
            if (guarded) {
                rows = ReceivedCut.apply(rows, ErasedSequences.of(rows, entry.origin(), erasures));
                erased = stored - rows.batch().readingCount();
            }
            batch = rows.batch();
            routed = parts.router().route(rows);
            sequences = rows.sequences();
            encoded = null;
        }
        List<RejectedRows> rejections = rejections(append, fresh - stored);
        stored -= erased;
        if (encoded == null && stored > 0) {
            encoded = BatchCodec.encode(UsedDictionaries.of(batch));
        }
        LogRecord record = new LogRecord(
                append.origin(),
                append.firstSequence(),
                append.count(),
                clock.next(),
                stored,
                stored == 0 ? null : sequences,
                rejections,
                erased,
                null,
                stored == 0 || encoded == null ? NONE : encoded);
        // Rows without a value leave no trace.
        List<RoutedRows> kept = stored == 0 ? List.of() : routed;
        return new Staged(entry, Ledgers.after(before, record), record, append.count() - fresh, kept);
    }

    /** Which of the rejected readings had been rejected before is not known, but how many: the first causes count. */
    private static List<RejectedRows> rejections(Append append, long fresh) {
        List<RejectedRows> kept = new ArrayList<>(append.rejections().size());
        long left = fresh;
        for (RejectedRows rows : append.rejections()) {
            long readings = Math.min(left, rows.readings());
            left -= readings;
            if (readings > 0) {
                kept.add(new RejectedRows(rows.range(), readings, rows.cause(), rows.detail(), rows.payload()));
            }
        }
        return kept;
    }
}
