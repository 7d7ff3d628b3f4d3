package io.tributary.agent.outbox;

import java.nio.ByteBuffer;

/**
 * What the outbox must know without reading its batches; written with every change in the same write batch, so that a
 * start costs the same for any backlog.
 *
 * @param next sequence of the next reading
 * @param head no batch begins below
 * @param letterNext number of the next dead letter
 * @param letterHead no dead letter is numbered below
 */
record Counters(
        long epoch,
        long next,
        long head,
        long readings,
        long bytes,
        long batches,
        long evicted,
        long letterNext,
        long letterHead,
        long letterBytes) {
    private static final int FIELDS = 10;

    static Counters fresh(long epoch) {
        return new Counters(epoch, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(1 + FIELDS * 8).put((byte) 1);
        for (long field :
                new long[] {epoch, next, head, readings, bytes, batches, evicted, letterNext, letterHead, letterBytes
                }) {
            out.putLong(field);
        }
        return out.array();
    }

    static Counters decode(byte[] value) throws OutboxException {
        if (value.length < 1 + FIELDS * 8 || value[0] != 1) {
            throw new OutboxException(
                    "counters of " + value.length + " bytes, expected version 1 and " + (1 + FIELDS * 8) + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(value, 1, FIELDS * 8);
        return new Counters(
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong());
    }

    Counters appended(EncodedBatch batch) {
        return new Counters(
                epoch,
                next + batch.readings(),
                head,
                readings + batch.readings(),
                bytes + batch.bytes().length,
                batches + 1,
                evicted,
                letterNext,
                letterHead,
                letterBytes);
    }

    Counters removed(OutboxFormat.BatchKey key, boolean byEviction) {
        return new Counters(
                epoch,
                next,
                head,
                readings - key.readings(),
                bytes - key.bytes(),
                batches - 1,
                evicted + (byEviction ? key.readings() : 0),
                letterNext,
                letterHead,
                letterBytes);
    }

    Counters withHead(long newHead) {
        return new Counters(
                epoch, next, newHead, readings, bytes, batches, evicted, letterNext, letterHead, letterBytes);
    }

    Counters lettered(long bytesMore) {
        return new Counters(
                epoch,
                next,
                head,
                readings,
                bytes,
                batches,
                evicted,
                letterNext + 1,
                letterHead,
                letterBytes + bytesMore);
    }

    Counters letterDropped(long newHead, long bytesLess) {
        return new Counters(
                epoch, next, head, readings, bytes, batches, evicted, letterNext, newHead, letterBytes - bytesLess);
    }
}
