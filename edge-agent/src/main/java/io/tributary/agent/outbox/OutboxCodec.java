package io.tributary.agent.outbox;

import io.tributary.agent.seal.KeyRing;
import io.tributary.agent.seal.RecordSeal;
import io.tributary.agent.seal.SealException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Batches and dead letters as they are stored: plain as {@link OutboxFormat} draws them, or sealed, when there is a key
 * to write with. What was written plain is read in any case, so that encryption can begin with a full outbox.
 *
 * <p>What seals a batch binds its key, its times and its stamp, what seals a letter its number: neither can be put in another's
 * place. Any thread.
 */
final class OutboxCodec {
    private static final byte BATCH = 'b';
    private static final byte LETTER = 'l';
    /** No time that a plain letter begins with: it would be before 1970. */
    private static final byte SEALED_LETTER = (byte) 0xff;

    private final RecordSeal seal;

    OutboxCodec(KeyRing keys) {
        this(new RecordSeal(keys));
    }

    OutboxCodec(RecordSeal seal) {
        this.seal = seal;
    }

    byte[] value(byte[] key, EncodedBatch batch) {
        byte[] plain = OutboxFormat.value(batch);
        if (!seal.writes()) {
            return plain;
        }
        int header = plain.length - batch.bytes().length;
        byte[] sealed = seal.seal(batchContext(key, OutboxFormat.header(plain, header)), batch.bytes());
        return OutboxFormat.sealed(plain, header, sealed);
    }

    OutboxRecord record(byte[] key, byte[] value) throws OutboxException {
        if (!OutboxFormat.isSealed(value)) {
            return OutboxFormat.record(key, value);
        }
        long sequence = OutboxFormat.batchKey(key).first();
        if (!OutboxFormat.isBatch(key, value)) {
            throw new OutboxException(
                    "batch at sequence " + sequence + " has another length or checksum than it says", true);
        }
        int header = OutboxFormat.headerBytes(key);
        try {
            byte[] batch = seal.open(batchContext(key, OutboxFormat.header(value, header)), value, header);
            return OutboxFormat.record(key, OutboxFormat.opened(value, header, batch));
        } catch (SealException e) {
            throw new OutboxException("batch at sequence " + sequence + " is " + e.getMessage(), e, !e.isKeyMissing());
        }
    }

    /** The batch without what is in it: zeros in the place of its bytes. */
    static OutboxRecord closed(byte[] key, byte[] value) throws OutboxException {
        OutboxFormat.BatchKey parts = OutboxFormat.batchKey(key);
        if (!OutboxFormat.isBatch(key, value)) {
            throw new OutboxException(
                    "batch at sequence " + parts.first() + " has another length or checksum than it says", true);
        }
        return OutboxFormat.record(
                key, OutboxFormat.opened(value, OutboxFormat.headerBytes(key), new byte[parts.bytes()]));
    }

    /** The ID of the key that a value needs and that is not at hand; null when none is needed. */
    @Nullable
    String missingKey(byte[] key, byte[] value) throws OutboxException {
        if (OutboxFormat.sealedBy(key, value) == null) {
            return null;
        }
        long id = RecordSeal.keyId(value, OutboxFormat.headerBytes(key));
        return seal.keys().holds(id) ? null : RecordSeal.name(id);
    }

    byte[] letter(long number, DeadLetter letter) {
        byte[] plain = OutboxFormat.letter(letter);
        return seal.writes() ? sealedLetter(number, plain) : plain;
    }

    DeadLetter letter(long number, byte[] value) throws OutboxException {
        return OutboxFormat.letter(plainLetter(number, value));
    }

    /** The same letter under another number. */
    byte[] moved(long from, long to, byte[] value) throws OutboxException {
        byte[] plain = plainLetter(from, value);
        return seal.writes() ? sealedLetter(to, plain) : plain;
    }

    private byte[] sealedLetter(long number, byte[] plain) {
        byte[] sealed = seal.seal(letterContext(number), plain);
        return ByteBuffer.allocate(1 + sealed.length)
                .put(SEALED_LETTER)
                .put(sealed)
                .array();
    }

    private byte[] plainLetter(long number, byte[] value) throws OutboxException {
        if (value.length == 0 || value[0] != SEALED_LETTER) {
            return value;
        }
        try {
            return seal.open(letterContext(number), value, 1);
        } catch (SealException e) {
            throw new OutboxException("dead letter " + number + " is " + e.getMessage(), e);
        }
    }

    private static byte[] batchContext(byte[] key, byte[] header) {
        return ByteBuffer.allocate(1 + key.length + header.length)
                .put(BATCH)
                .put(key)
                .put(header)
                .array();
    }

    private static byte[] letterContext(long number) {
        return ByteBuffer.allocate(9).put(LETTER).putLong(number).array();
    }
}
