package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import io.tributary.model.SequenceRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The dead letter area, bounded in bytes. Any thread. */
final class DeadLetters implements DeadLetterReader {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int VERSION = 1;
    /** What a letter counts beside its bytes: its place in memory and in the database. */
    private static final int LETTER_BYTES = 256;

    private static final int PAYLOAD_BYTES_MAX = 1 << 20;

    private final RocksStore store;
    private final Leases leases;
    private final long boundBytes;

    private record Place(String cause, long bytes) {}

    /** What a letter is about, before it has its number. */
    record Letter(
            long timeNs,
            String cause,
            String detail,
            @Nullable Origin origin,
            @Nullable SequenceRange range,
            long readings,
            byte @Nullable [] payload) {}

    /** A letter that is part of a write which still has to succeed. */
    record Staged(long id, String cause, long bytes) {}

    // guarded by this
    private final TreeMap<Long, Place> places = new TreeMap<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private long heldBytes;
    private long nextId;
    private long dropped;
    /** Letters below are in tables: what a start reads from the log does not bring them back. */
    private long durableBelow;

    DeadLetters(RocksStore store, Leases leases, long boundBytes) {
        this.store = store;
        this.leases = leases;
        this.boundBytes = boundBytes;
    }

    synchronized void load() throws RocksDBException {
        byte[] state = store.get(store.meta, Keys.DEAD_LETTERS);
        if (state != null) {
            nextId = Keys.longAt(state, 0);
            durableBelow = nextId;
            dropped = Keys.longAt(state, 1);
        }
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator each = store.iterator(store.deadLetters, options)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                long id = Keys.longAt(each.key(), 0);
                byte[] value = each.value();
                place(id, decode(id, value).cause(), value.length + LETTER_BYTES);
                nextId = Math.max(nextId, id + 1);
            }
            each.status();
        }
    }

    /** Puts a letter into a write; {@link #written} is to be called when the write succeeded. */
    synchronized Staged stage(WriteBatch batch, Letter letter) throws RocksDBException {
        long id = nextId++;
        byte[] payload = letter.payload();
        byte[] kept = payload == null ? new byte[0] : payload;
        int max = (int) Math.min(PAYLOAD_BYTES_MAX, boundBytes / 4);
        if (kept.length > max) {
            kept = Arrays.copyOf(kept, max);
        }
        byte[] bytes = encode(new DeadLetter(
                id,
                letter.timeNs(),
                letter.cause(),
                letter.detail(),
                letter.origin(),
                letter.range(),
                letter.readings(),
                kept));
        batch.put(store.deadLetters, Keys.id(id), bytes);
        batch.put(store.meta, Keys.DEAD_LETTERS, Keys.longs(nextId, dropped));
        return new Staged(id, letter.cause(), bytes.length + LETTER_BYTES);
    }

    void written(List<Staged> letters) {
        if (letters.isEmpty()) {
            return;
        }
        synchronized (this) {
            for (Staged letter : letters) {
                place(letter.id(), letter.cause(), letter.bytes());
            }
            trim();
        }
    }

    /** The oldest go while there is more than the bound; what cannot be deleted is tried again with the next letter. */
    private void trim() {
        if (heldBytes <= boundBytes) {
            return;
        }
        List<Long> oldest = new ArrayList<>();
        long left = heldBytes;
        for (Map.Entry<Long, Place> each : places.entrySet()) {
            if (left <= boundBytes) {
                break;
            }
            oldest.add(each.getKey());
            left -= each.getValue().bytes();
        }
        try (WriteBatch batch = new WriteBatch()) {
            for (long id : oldest) {
                batch.delete(store.deadLetters, Keys.id(id));
            }
            batch.put(store.meta, Keys.DEAD_LETTERS, Keys.longs(nextId, dropped + oldest.size()));
            store.writeAside(batch, false);
            dropped += oldest.size();
            oldest.forEach(this::forget);
        } catch (RocksDBException e) {
            LOG.warn("{} dead letters too many could not be dropped: {}", oldest.size(), e.getMessage());
        }
    }

    /**
     * Takes out of the letters what an erasure covers.
     *
     * @return how many letters changed or went
     */
    synchronized long erase(Erasure erasure) throws RocksDBException {
        long touched = 0;
        for (Long id : List.copyOf(places.keySet())) {
            byte[] bytes = store.get(store.deadLetters, Keys.id(id));
            if (bytes == null) {
                continue;
            }
            DeadLetter letter = decode(id, bytes);
            DeadLetter left = LetterEraser.without(erasure, letter);
            if (left == letter) {
                continue;
            }
            touched++;
            forget(id);
            if (left == null) {
                store.delete(store.deadLetters, Keys.id(id));
            } else {
                byte[] kept = encode(left);
                store.put(store.deadLetters, Keys.id(id), kept);
                place(id, left.cause(), kept.length + LETTER_BYTES);
            }
        }
        return touched;
    }

    private void place(long id, String cause, long bytes) {
        places.put(id, new Place(cause, bytes));
        counts.merge(cause, 1L, Long::sum);
        heldBytes += bytes;
    }

    private void forget(long id) {
        Place place = places.remove(id);
        if (place != null) {
            heldBytes -= place.bytes();
            counts.computeIfPresent(place.cause(), (cause, count) -> count > 1 ? count - 1 : null);
        }
    }

    /** Letters that had to go for later ones, ever. */
    synchronized long dropped() {
        return dropped;
    }

    synchronized long heldBytes() {
        return heldBytes;
    }

    @Override
    public List<DeadLetter> list(@Nullable String cause, int limit, long after) {
        leases.acquire();
        try (ReadOptions options = new ReadOptions();
                RocksIterator each = store.iterator(store.deadLetters, options)) {
            List<DeadLetter> letters = new ArrayList<>();
            for (each.seek(Keys.id(Math.max(0, after + 1))); each.isValid() && letters.size() < limit; each.next()) {
                DeadLetter letter = decode(Keys.longAt(each.key(), 0), each.value());
                if (cause == null || cause.equals(letter.cause())) {
                    letters.add(letter);
                }
            }
            each.status();
            return letters;
        } catch (RocksDBException e) {
            throw new StorageException("dead letters cannot be read", e);
        } finally {
            leases.release();
        }
    }

    @Override
    public @Nullable DeadLetter get(long id) {
        leases.acquire();
        try {
            byte[] bytes = id < 0 ? null : store.get(store.deadLetters, Keys.id(id));
            return bytes == null ? null : decode(id, bytes);
        } catch (RocksDBException e) {
            throw new StorageException("dead letter " + id + " cannot be read", e);
        } finally {
            leases.release();
        }
    }

    @Override
    public synchronized Map<String, Long> countByCause() {
        return Map.copyOf(counts);
    }

    @Override
    public synchronized boolean remove(long id) {
        if (!places.containsKey(id)) {
            return false;
        }
        leases.acquire();
        try {
            if (id >= durableBelow) {
                long next = nextId;
                store.flushTables();
                durableBelow = next;
            }
            store.deleteLogged(store.deadLetters, Keys.id(id));
            forget(id);
            return true;
        } catch (RocksDBException e) {
            throw new StorageException("dead letter " + id + " cannot be removed", e);
        } finally {
            leases.release();
        }
    }

    private static byte[] encode(DeadLetter letter) {
        ByteSink out = new ByteSink(letter.payload().length + 256);
        out.writeByte(VERSION);
        out.writeLong(letter.timeNs());
        writeText(out, letter.cause());
        writeText(out, letter.detail());
        Origin origin = letter.origin();
        writeText(out, origin == null ? "" : origin.agent());
        out.writeVarint(origin == null ? 0 : origin.epoch());
        SequenceRange range = letter.range();
        out.writeVarint(range == null ? 0 : range.count());
        out.writeVarint(range == null ? 0 : range.first());
        out.writeVarint(letter.readings());
        out.writeBytes(letter.payload());
        return out.toByteArray();
    }

    /** A letter that is damaged itself is shown as one, so that it can be removed. */
    private static DeadLetter decode(long id, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.readByte();
            if (version != VERSION) {
                throw new CorruptColumnException("dead letter of version " + version + ", expected " + VERSION);
            }
            long time = in.readLong();
            String cause = readText(in);
            String detail = readText(in);
            String agent = readText(in);
            long epoch = in.readVarint();
            long count = in.readVarint();
            long first = in.readVarint();
            long readings = in.readVarint();
            byte[] payload = Arrays.copyOfRange(bytes, in.position(), bytes.length);
            return new DeadLetter(
                    id,
                    time,
                    cause,
                    detail,
                    agent.isEmpty() ? null : new Origin(agent, epoch),
                    count == 0 ? null : new SequenceRange(first, count),
                    readings,
                    payload);
        } catch (CorruptColumnException | IllegalArgumentException e) {
            return new DeadLetter(id, 0, "damaged-dead-letter", String.valueOf(e.getMessage()), null, null, 0, bytes);
        }
    }

    private static void writeText(ByteSink out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeVarint(bytes.length);
        out.writeBytes(bytes);
    }

    private static String readText(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("text length", in.remaining());
        return Utf8.decode(in.array(), in.skip(length), length);
    }
}
