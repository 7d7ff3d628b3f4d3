package io.tributary.collector.storage;

import io.tributary.collector.account.OriginLedger;
import io.tributary.collector.log.LogRecord;
import io.tributary.collector.partition.RejectedRows;
import java.util.ArrayList;
import java.util.List;

/** What a record of the log means for ledger and dead letters: the same when it is committed and when it is replayed. */
final class Ledgers {
    private Ledgers() {}

    static OriginLedger after(OriginLedger before, LogRecord record) {
        String lost = record.lost();
        if (lost != null) {
            return before.evict(record.firstSequence(), record.endSequence(), lost);
        }
        OriginLedger after = before.arrive(record.firstSequence(), record.endSequence());
        for (RejectedRows rows : record.rejections()) {
            after = after.reject(rows.cause(), rows.readings());
        }
        return record.erased() == 0 ? after : after.reject(ErasedSequences.CAUSE, record.erased());
    }

    static List<DeadLetters.Letter> letters(LogRecord record) {
        if (record.rejections().isEmpty()) {
            return List.of();
        }
        List<DeadLetters.Letter> letters = new ArrayList<>();
        for (RejectedRows rows : record.rejections()) {
            letters.add(new DeadLetters.Letter(
                    record.collectorTimeNs(),
                    rows.cause(),
                    rows.detail(),
                    record.origin(),
                    rows.range(),
                    rows.readings(),
                    rows.payload()));
        }
        return letters;
    }
}
