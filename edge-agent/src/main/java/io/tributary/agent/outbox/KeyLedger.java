package io.tributary.agent.outbox;

import io.tributary.agent.seal.KeyRing;
import io.tributary.agent.seal.RecordSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Which keys sealed what may still be in the outbox, in {@code default} under {@code keys}: a key that is missing is told
 * at the start, whatever the backlog, and one that is needed no more may go.
 *
 * <pre>
 * | version u8 = 1 | key ID u64, end sequence i64, end letter i64 | ...      the current key: both ends 2^63 - 1
 * </pre>
 */
final class KeyLedger {
    static final byte[] KEY = "keys".getBytes(StandardCharsets.UTF_8);
    private static final byte VERSION = 1;
    private static final int ENTRY_BYTES = 24;

    private KeyLedger() {}

    /** Sealed with this key is nothing from these on. */
    record Entry(long keyId, long endSequence, long endLetter) {
        boolean isNeeded(Counters counters) {
            return endSequence > counters.head() || endLetter > counters.letterHead();
        }
    }

    /**
     * Checks that every key that may be needed is at hand, and notes the current one, on disk on return.
     *
     * @throws IOException a key is missing; nothing has been changed
     */
    static void check(RocksDatabase rocks, Counters counters, KeyRing keys, String outbox)
            throws RocksDBException, IOException {
        byte[] stored = rocks.db.get(rocks.meta, KEY);
        List<Entry> before = stored == null ? List.of() : decode(stored, outbox);
        List<Entry> after = new ArrayList<>();
        for (Entry each : before) {
            if (keys.writes() && each.keyId() == keys.currentId()) {
                continue;
            }
            Entry ended = each.endSequence() == Long.MAX_VALUE
                    ? new Entry(each.keyId(), counters.next(), counters.letterNext())
                    : each;
            if (!ended.isNeeded(counters)) {
                continue;
            }
            if (!keys.holds(each.keyId())) {
                throw new IOException(
                        "outbox " + outbox + " holds records sealed with key "
                                + RecordSeal.name(each.keyId()) + "; the keys of outbox.encryption are " + keys.names()
                                + ". Name its key there, under old-keys when it is no longer written with; nothing was changed");
            }
            after.add(ended);
        }
        if (keys.writes()) {
            after.add(new Entry(keys.currentId(), Long.MAX_VALUE, Long.MAX_VALUE));
        }
        if (!after.equals(before)) {
            try (WriteOptions sync = new WriteOptions().setSync(true)) {
                rocks.db.put(rocks.meta, sync, KEY, encode(after));
            }
        }
    }

    static byte[] encode(List<Entry> entries) {
        ByteBuffer out = ByteBuffer.allocate(1 + ENTRY_BYTES * entries.size()).put(VERSION);
        for (Entry each : entries) {
            out.putLong(each.keyId()).putLong(each.endSequence()).putLong(each.endLetter());
        }
        return out.array();
    }

    static List<Entry> decode(byte[] value, String outbox) throws IOException {
        if (value.length == 0 || value[0] != VERSION || (value.length - 1) % ENTRY_BYTES != 0) {
            throw new DamagedOutboxException("the list of keys of outbox " + outbox + " has " + value.length
                    + " bytes, expected version 1 and a multiple of " + ENTRY_BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(value, 1, value.length - 1);
        List<Entry> entries = new ArrayList<>();
        while (in.hasRemaining()) {
            entries.add(new Entry(in.getLong(), in.getLong(), in.getLong()));
        }
        return entries;
    }
}
