package io.tributary.agent.outbox;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the outbox must know without reading its batches; written with every change in the same write batch, so that a
 * start costs the same for any backlog. Immutable.
 */
final class Counters {
    private static final byte VERSION = 1;
    /** Of the first release; more may be missing. */
    private static final int FIELDS_MIN = 10;

    private static final int EPOCH = 0;
    /** Sequence of the next reading. */
    private static final int NEXT = 1;
    /** No batch begins below. */
    private static final int HEAD = 2;

    private static final int READINGS = 3;
    private static final int BYTES = 4;
    private static final int BATCHES = 5;
    private static final int EVICTED = 6;
    /** Number of the next dead letter. */
    private static final int LETTER_NEXT = 7;
    /** No dead letter is numbered below. */
    private static final int LETTER_HEAD = 8;

    private static final int LETTER_BYTES = 9;
    private static final int EVICTED_AGE = 10;
    private static final int EVICTED_THINNED = 11;
    private static final int EVICTED_DAMAGED = 12;
    private static final int SUMMARIES = 13;
    private static final int FIELDS = 14;

    private final long[] fields;

    private Counters(long[] fields) {
        this.fields = fields;
    }

    /** @param fields in the order of FORMAT.md */
    static Counters of(long... fields) {
        return new Counters(Arrays.copyOf(fields, FIELDS));
    }

    static Counters fresh(long epoch) {
        return of(epoch);
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(1 + FIELDS * 8).put(VERSION);
        out.asLongBuffer().put(fields);
        return out.array();
    }

    static Counters decode(byte[] value) throws OutboxException {
        if (value.length < 1 + FIELDS_MIN * 8 || value[0] != VERSION) {
            throw new OutboxException("counters of " + value.length + " bytes, expected version 1 and "
                    + (1 + FIELDS_MIN * 8) + " bytes");
        }
        long[] fields = new long[FIELDS];
        int there = Math.min(FIELDS, (value.length - 1) / 8);
        ByteBuffer.wrap(value, 1, there * 8).asLongBuffer().get(fields, 0, there);
        return new Counters(fields);
    }

    private Counters plus(long... fieldsAndAmounts) {
        long[] copy = fields.clone();
        for (int i = 0; i < fieldsAndAmounts.length; i += 2) {
            copy[(int) fieldsAndAmounts[i]] += fieldsAndAmounts[i + 1];
        }
        return new Counters(copy);
    }

    private Counters with(int field, long value) {
        long[] copy = fields.clone();
        copy[field] = value;
        return new Counters(copy);
    }

    long epoch() {
        return fields[EPOCH];
    }

    long next() {
        return fields[NEXT];
    }

    long head() {
        return fields[HEAD];
    }

    long readings() {
        return fields[READINGS];
    }

    long bytes() {
        return fields[BYTES];
    }

    long batches() {
        return fields[BATCHES];
    }

    long evicted() {
        return fields[EVICTED];
    }

    long letterNext() {
        return fields[LETTER_NEXT];
    }

    long letterHead() {
        return fields[LETTER_HEAD];
    }

    long letterBytes() {
        return fields[LETTER_BYTES];
    }

    Evictions evictions() {
        long others = fields[EVICTED_AGE] + fields[EVICTED_THINNED] + fields[EVICTED_DAMAGED];
        return new Evictions(
                evicted() - others,
                fields[EVICTED_AGE],
                fields[EVICTED_THINNED],
                fields[EVICTED_DAMAGED],
                fields[SUMMARIES]);
    }

    Counters appended(EncodedBatch batch) {
        return plus(
                NEXT,
                batch.readings(),
                READINGS,
                batch.readings(),
                BYTES,
                batch.bytes().length,
                BATCHES,
                1,
                SUMMARIES,
                batch.thinned() ? batch.readings() : 0);
    }

    Counters removed(OutboxFormat.BatchKey key) {
        return plus(READINGS, -key.readings(), BYTES, -key.bytes(), BATCHES, -1);
    }

    /** Removed for good, without being sent. */
    Counters evicted(OutboxFormat.BatchKey key, String cause) {
        return removed(key).lost(key.readings(), cause);
    }

    /** Readings that are no longer counted as queued and never will be sent. */
    Counters lost(long readings, String cause) {
        int field = switch (cause) {
            case RocksOutbox.CAUSE_AGE -> EVICTED_AGE;
            case RocksOutbox.CAUSE_THINNED -> EVICTED_THINNED;
            case RocksOutbox.CAUSE_DAMAGED -> EVICTED_DAMAGED;
            default -> -1;
        };
        Counters total = plus(EVICTED, readings);
        return field < 0 ? total : total.plus(field, readings);
    }

    Counters withoutSummaries(long readings) {
        return plus(SUMMARIES, -readings);
    }

    /** In a new epoch, whose sequences begin at 0: what was lost stays counted. */
    Counters inEpoch(long epoch) {
        Counters fresh = fresh(epoch);
        return fresh.plus(
                EVICTED,
                evicted(),
                EVICTED_AGE,
                fields[EVICTED_AGE],
                EVICTED_THINNED,
                fields[EVICTED_THINNED],
                EVICTED_DAMAGED,
                fields[EVICTED_DAMAGED],
                SUMMARIES,
                fields[SUMMARIES]);
    }

    Counters withHead(long head) {
        return with(HEAD, head);
    }

    Counters lettered(long bytesMore) {
        return plus(LETTER_NEXT, 1, LETTER_BYTES, bytesMore);
    }

    Counters letterDropped(long head, long bytesLess) {
        return with(LETTER_HEAD, head).plus(LETTER_BYTES, -bytesLess);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Counters other && Arrays.equals(fields, other.fields);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(fields);
    }

    @Override
    public String toString() {
        return Arrays.toString(fields);
    }
}
