package io.tributary.agent.outbox;

import io.tributary.rocks.WalRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is readable in the files of a damaged outbox, found without RocksDB's manifest. Batches are only located at first;
 * their bytes are read when they are copied, so that memory does not depend on the backlog beyond some bytes per batch.
 *
 * <p>Tables do not show what was freed: a batch below the head is left out, another freed one comes back, which the
 * collector counts as duplicates.
 */
final class SalvageScan {
    private static final Logger LOG = LoggerFactory.getLogger(SalvageScan.class);
    private static final int META = 0;
    static final int BATCH = 1;
    private static final int LOST = 2;
    private static final int LETTER = 3;
    private static final List<String> FAMILIES = List.of("default", "batch", "lost", "letter");

    /** Where a batch lies. */
    record Found(Path file, OutboxFormat.BatchKey key) {}

    /** Takes a key and its value. */
    interface Entries {
        void take(int family, byte[] key, byte[] value) throws OutboxException, RocksDBException;
    }

    /** Takes a batch. */
    interface Copier {
        void copy(byte[] key, byte[] value) throws OutboxException, RocksDBException;
    }

    /** Null: whether what is sealed can be opened is not looked at. */
    private final @Nullable OutboxCodec codec;

    private final Set<String> missingKeys = new TreeSet<>();
    private final Map<Path, String> damage = new HashMap<>();
    private final TreeMap<Long, Found> found = new TreeMap<>();
    private final Set<Long> freed = new HashSet<>();
    private final Map<String, LostRange> losses = new TreeMap<>();
    private final TreeMap<Long, byte[]> letters = new TreeMap<>();
    private @Nullable Counters counters;
    private long readings;

    SalvageScan() {
        this(null);
    }

    /** @param codec what batches have to be readable by to count */
    SalvageScan(@Nullable OutboxCodec codec) {
        this.codec = codec;
    }

    /** Without these keys nothing can be said of some batches. */
    Set<String> missingKeys() {
        return missingKeys;
    }

    /** Whole, and, when it is sealed, openable. */
    private boolean isReadable(byte[] key, byte[] value) {
        if (!OutboxFormat.isBatch(key, value)) {
            return false;
        }
        if (codec == null || !OutboxFormat.isSealed(value)) {
            return true;
        }
        try {
            String missing = codec.missingKey(key, value);
            if (missing != null) {
                missingKeys.add(missing);
                return false;
            }
            codec.record(key, value);
            return true;
        } catch (OutboxException e) {
            LOG.debug("a sealed batch does not open", e);
            return false;
        }
    }

    void look(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            damage.put(file, "is no file");
            return;
        }
        read(file, (family, key, value) -> {
            switch (family) {
                case META -> {
                    if (Arrays.equals(key, RocksOutbox.COUNTERS)) {
                        counters(Counters.decode(value));
                    }
                }
                case BATCH -> {
                    if (isReadable(key, value)) {
                        OutboxFormat.BatchKey batch = OutboxFormat.batchKey(key);
                        found.put(batch.first(), new Found(file, batch));
                    } else {
                        damage.put(file, "a batch does not match its checksum, or its seal");
                    }
                }
                case LOST -> {
                    LostRange lost = OutboxFormat.lost(key, value);
                    losses.put(java.util.HexFormat.of().formatHex(key), lost);
                }
                case LETTER -> letters.put(OutboxFormat.number(key), value);
                default -> {
                    // the index of classes is made anew
                }
            }
        });
    }

    private void counters(Counters candidate) {
        Counters best = counters;
        if (best == null
                || candidate.epoch() > best.epoch()
                || (candidate.epoch() == best.epoch()
                        && (candidate.next() > best.next()
                                || (candidate.next() == best.next() && candidate.readings() <= best.readings())))) {
            counters = candidate;
        }
    }

    /** The latest; null when none is readable. */
    @Nullable
    Counters counters() {
        return counters;
    }

    /** By first sequence; what is known to be freed left out. */
    TreeMap<Long, Found> batches() {
        TreeMap<Long, Found> wanted = new TreeMap<>(found);
        wanted.keySet().removeAll(freed);
        if (counters != null) {
            wanted.headMap(counters.head()).clear();
        }
        readings = wanted.values().stream()
                .mapToLong(each -> each.key().readings())
                .sum();
        return wanted;
    }

    long readings() {
        return readings;
    }

    Collection<LostRange> losses() {
        return losses.values();
    }

    /** By number. */
    SortedMap<Long, byte[]> letters() {
        return letters;
    }

    /** Why a file is kept; null when all of it was read. */
    @Nullable
    String damage(Path file) {
        return damage.get(file);
    }

    /** Called when a file's batches have all been copied. */
    interface FileDone {
        void done(Path file) throws IOException, RocksDBException;
    }

    /** In the order of sequences, as far as the files follow each other. */
    void forEachWanted(TreeMap<Long, Found> wanted, Copier copier, FileDone done)
            throws IOException, OutboxException, RocksDBException {
        Map<Path, Long> firstOf = new HashMap<>();
        wanted.forEach((first, where) -> firstOf.merge(where.file(), first, Math::min));
        List<Path> files = new ArrayList<>(firstOf.keySet());
        files.sort(Comparator.comparing(firstOf::get));
        Set<Long> copied = new HashSet<>();
        for (Path file : files) {
            TreeMap<Long, byte[][]> inOrder = new TreeMap<>();
            read(file, (family, key, value) -> {
                if (family != BATCH || !isReadable(key, value)) {
                    return;
                }
                long first = OutboxFormat.number(key);
                Found where = wanted.get(first);
                if (where == null || !where.file().equals(file) || !copied.add(first)) {
                    return;
                }
                inOrder.put(first, new byte[][] {key, value});
            });
            for (byte[][] each : inOrder.values()) {
                copier.copy(each[0], each[1]);
            }
            done.done(file);
        }
    }

    void read(Path file, Entries entries) throws IOException {
        if (RocksFiles.isLog(file)) {
            readLog(file, entries);
        } else {
            readTable(file, entries);
        }
    }

    private void readLog(Path file, Entries entries) throws IOException {
        boolean whole = WalRecords.read(ByteBuffer.wrap(Files.readAllBytes(file)), new WalRecords.Visitor() {
            @Override
            public void put(int family, long sequence, byte[] key, byte[] value) {
                try {
                    entries.take(family, key, value);
                } catch (OutboxException | RocksDBException e) {
                    damage.put(file, String.valueOf(e.getMessage()));
                }
            }

            @Override
            public void delete(int family, long sequence, byte[] key) {
                if (family == BATCH && key.length >= OutboxFormat.KEY_BYTES) {
                    freed.add(OutboxFormat.number(key));
                }
            }

            @Override
            public void deleteRange(int family, long sequence, byte[] from, byte[] to) {
                damage.put(file, "a range of keys was deleted, which an outbox never does");
            }
        });
        if (!whole) {
            damage.put(file, "a part of the log does not match its checksum, or its end is missing");
        }
    }

    private void readTable(Path file, Entries entries) throws IOException {
        try (Options options = new Options().setTableFormatConfig(new BlockBasedTableConfig().setNoBlockCache(true));
                SstFileReader reader = new SstFileReader(options)) {
            reader.open(file.toString());
            reader.verifyChecksum();
            int family =
                    FAMILIES.indexOf(Salvage.text(reader.getTableProperties().getColumnFamilyName()));
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    SstFileReaderIterator each = reader.newIterator(reading)) {
                for (each.seekToFirst(); each.isValid(); each.next()) {
                    entries.take(family, each.key(), each.value());
                }
                each.status();
            }
        } catch (RocksDBException | OutboxException e) {
            damage.put(file, String.valueOf(e.getMessage()));
            carve(file, entries);
        }
    }

    private void carve(Path file, Entries entries) throws IOException {
        TableCarver.carve(Files.readAllBytes(file), (key, value) -> {
            try {
                entries.take(BATCH, key, value);
            } catch (OutboxException | RocksDBException e) {
                damage.merge(file, String.valueOf(e.getMessage()), (a, b) -> a);
            }
        });
    }
}
