package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.seal.KeyRing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Looks at an outbox from outside: opened for reading only, so that nothing on disk changes, and also while an agent runs
 * (what that agent has appended since the look began is not seen). Only {@link #salvage} writes, and needs it stopped.
 */
public final class OutboxDoctor implements AutoCloseable {
    /** Takes a batch. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param sealedBy ID of the key that sealed the batch; null when it is plain
         * @return false to end
         */
        boolean take(OutboxRecord batch, @Nullable String sealedBy) throws IOException;
    }

    /**
     * What a look at every byte found.
     *
     * @param problems one sentence each; empty when all is well
     */
    public record Verdict(long batches, long readings, long files, List<String> problems) {
        public Verdict {
            problems = List.copyOf(problems);
        }
    }

    private final RocksDatabase rocks;
    private final Counters counters;
    private final Path path;
    private final KeyRing keys;
    private final OutboxCodec codec;

    private OutboxDoctor(Path path, KeyRing keys, RocksDatabase rocks, Counters counters) {
        this.path = path;
        this.keys = keys;
        this.codec = new OutboxCodec(keys);
        this.rocks = rocks;
        this.counters = counters;
    }

    /** @throws IOException when it is no outbox or cannot be opened as it is; {@link #verify} tells more */
    public static OutboxDoctor open(Path path, KeyRing keys) throws IOException {
        if (RocksFiles.in(path).isEmpty()) {
            throw new IOException(path + " holds no outbox");
        }
        RocksDatabase rocks = RocksDatabase.openReadOnly(path);
        try {
            byte[] stored = rocks.db.get(rocks.meta, RocksOutbox.COUNTERS);
            if (stored == null) {
                throw new IOException(path + " holds a database, but no outbox: it has no counters");
            }
            return new OutboxDoctor(path, keys, rocks, Counters.decode(stored));
        } catch (RocksDBException | OutboxException e) {
            rocks.close();
            throw new IOException(path + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            rocks.close();
            throw e;
        }
    }

    /** From the counters, and the oldest batch. */
    public OutboxStats stats() throws IOException {
        OutboxRecord[] oldest = new OutboxRecord[1];
        each(counters.head(), false, (batch, sealedBy) -> {
            oldest[0] = batch;
            return false;
        });
        OutboxRecord first = oldest[0];
        return new OutboxStats(
                counters.epoch(),
                counters.next(),
                first == null ? counters.next() : first.firstSequence(),
                counters.readings(),
                counters.bytes(),
                counters.batches(),
                first == null ? 0 : first.batch().oldestEventTimeNs(),
                first == null ? 0 : first.batch().edgeTimeNs(),
                counters.evictions(),
                counters.letterNext() - counters.letterHead(),
                DiskUse.bytes(path, true));
    }

    /**
     * Batches in order, from the first that begins at or above a sequence, without what is in them: of one that is sealed
     * the bytes are zeros.
     */
    public void forEach(long fromSequence, Visitor visitor) throws IOException {
        each(fromSequence, false, visitor);
    }

    /** As {@link #forEach}, with what is in them: ends with an error at one whose key is not at hand. */
    public void forEachOpened(long fromSequence, Visitor visitor) throws IOException {
        each(fromSequence, true, visitor);
    }

    private void each(long fromSequence, boolean opened, Visitor visitor) throws IOException {
        try (ReadOptions reading = new ReadOptions().setFillCache(false);
                RocksIterator each = rocks.db.newIterator(rocks.batches, reading)) {
            for (each.seek(OutboxFormat.key(Math.max(counters.head(), fromSequence))); each.isValid(); each.next()) {
                byte[] value = each.value();
                String missing = codec.missingKey(each.key(), value);
                if (opened && missing != null) {
                    throw new IOException("batch at sequence " + OutboxFormat.number(each.key())
                            + " is sealed with key " + missing + ", the keys at hand are " + keys.names()
                            + ": give --config with outbox.encryption");
                }
                OutboxRecord batch =
                        missing == null ? codec.record(each.key(), value) : OutboxCodec.closed(each.key(), value);
                if (!visitor.take(batch.inEpoch(counters.epoch()), OutboxFormat.sealedBy(each.key(), value))) {
                    return;
                }
            }
            each.status();
        } catch (RocksDBException | OutboxException e) {
            throw new IOException(path + " is damaged: " + e.getMessage(), e);
        }
    }

    /** Reads every byte: checksums of files, of batches, and the counters against what is there. Changes nothing. */
    public static Verdict verify(Path path, KeyRing keys) throws IOException {
        List<String> problems = new ArrayList<>();
        List<Path> files = RocksFiles.in(path);
        if (files.isEmpty()) {
            throw new IOException(path + " holds no outbox");
        }
        if (Salvage.unfinished(path) != null) {
            problems.add("a salvage was broken off; the next start goes on with it");
        }
        String missing = RocksFiles.missing(path);
        if (missing != null) {
            problems.add(missing);
        }
        SalvageScan scan = new SalvageScan();
        for (Path file : files) {
            if (!RocksFiles.isOwn(file)) {
                problems.add(file.getFileName() + " is none of the outbox's files");
            } else if (RocksFiles.isTable(file)) {
                scan.look(file);
                String damage = scan.damage(file);
                if (damage != null) {
                    problems.add(file.getFileName() + ": " + damage);
                }
            }
        }
        long[] seen = new long[3];
        if (missing == null) {
            try (OutboxDoctor doctor = open(path, keys)) {
                doctor.count(seen, problems);
            } catch (IOException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        return new Verdict(seen[0], seen[1], files.size(), problems);
    }

    private void count(long[] seen, List<String> problems) throws IOException {
        long[] end = {counters.head()};
        forEach(counters.head(), (batch, sealedBy) -> {
            seen[0]++;
            seen[1] += batch.batch().readings();
            seen[2] += batch.bytes();
            if (batch.firstSequence() < end[0]) {
                problems.add("batch at sequence " + batch.firstSequence() + " overlaps the one before, which ends at "
                        + end[0]);
            }
            end[0] = batch.endSequence();
            return true;
        });
        if (seen[0] != counters.batches() || seen[1] != counters.readings() || seen[2] != counters.bytes()) {
            problems.add("counters say " + counters.batches() + " batches, " + counters.readings() + " readings, "
                    + counters.bytes() + " bytes; there are " + seen[0] + ", " + seen[1] + ", " + seen[2]);
        }
        if (end[0] > counters.next()) {
            problems.add("a batch ends at sequence " + end[0] + ", beyond the next one, " + counters.next());
        }
    }

    /**
     * Salvages an outbox by hand, as the agent does by itself when it meets damage.
     *
     * @return what is queued afterwards
     * @throws IOException also when an agent uses it
     */
    public static OutboxStats salvage(OutboxOptions options, KeyRing keys, Clock clock) throws IOException {
        if (RocksFiles.in(options.path()).isEmpty() && Salvage.unfinished(options.path()) == null) {
            throw new IOException(options.path() + " holds no outbox");
        }
        try (RocksLock lock = RocksLock.take(options.path())) {
            Salvage.run(options, keys, clock, "asked for");
        }
        try (RocksOutbox outbox = RocksOutbox.open(options, keys, clock)) {
            return outbox.stats();
        }
    }

    /** Readings per priority, for a summary. */
    public TreeMap<Integer, Long> readingsByPriority() throws IOException {
        TreeMap<Integer, Long> sums = new TreeMap<>();
        forEach(counters.head(), (batch, sealedBy) -> {
            sums.merge(batch.batch().priority(), (long) batch.batch().readings(), Long::sum);
            return true;
        });
        return sums;
    }

    @Override
    public void close() {
        rocks.close();
    }
}
