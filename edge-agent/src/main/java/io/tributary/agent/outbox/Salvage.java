package io.tributary.agent.outbox;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.seal.KeyRing;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a fresh outbox, in a new epoch, of what is readable in a damaged one. The old epoch's sequences are told to the
 * collector: those carried over as {@code salvaged}, then, of the rest, what it has not received as {@code damaged}.
 *
 * <pre>
 * outbox/ --moved--> outbox.quarantine/0001/ --readable batches, letters, losses--> outbox.salvaging/ --moved--> outbox/
 *                         |  a file read whole is removed when its copies are synced; damaged ones stay, with report.txt
 * </pre>
 *
 * So it takes no more room than one file. It can be broken off at any moment: while {@code unfinished} lies in the
 * quarantine the next start goes on where it was; what is copied a second time then, the collector counts as duplicates.
 */
final class Salvage {
    private static final Logger LOG = LoggerFactory.getLogger(Salvage.class);
    private static final String UNFINISHED = "unfinished";
    /** The old outbox is all in the quarantine, losses and letters are in the new one. */
    private static final String BEGUN = "begun";
    /** The new one is complete. */
    private static final String BUILT = "built";

    private static final long WRITE_BYTES = 1 << 20;
    /** Losses are told batch by batch of ranges; two that follow each other are one. */
    static final String CAUSE_SALVAGED = "salvaged";

    private final OutboxOptions options;
    private final Clock clock;
    private final Path quarantine;
    private final OutboxCodec codec;
    private final SalvageScan scan;
    private final List<String> report = new ArrayList<>();

    private Salvage(OutboxOptions options, KeyRing keys, Clock clock, Path quarantine) {
        this.options = options;
        this.codec = new OutboxCodec(keys);
        this.scan = new SalvageScan(codec);
        this.clock = clock;
        this.quarantine = quarantine;
    }

    static Path quarantineOf(Path outbox) {
        return outbox.resolveSibling(outbox.getFileName() + ".quarantine");
    }

    /** A salvage that was broken off; null when there is none. */
    static @Nullable Path unfinished(Path outbox) throws IOException {
        Path all = quarantineOf(outbox);
        if (!Files.isDirectory(all)) {
            return null;
        }
        try (var each = Files.list(all)) {
            return each.filter(one -> Files.exists(one.resolve(UNFINISHED)))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** Moves files that are not RocksDB's out of its way; none of them is read. */
    static void quarantineForeign(Path outbox, Clock clock) throws IOException {
        List<Path> foreign = RocksFiles.in(outbox).stream()
                .filter(file -> !RocksFiles.isOwn(file) || !Files.isRegularFile(file))
                .toList();
        if (foreign.isEmpty()) {
            return;
        }
        Path directory = nextDirectory(outbox);
        List<String> lines = new ArrayList<>();
        lines.add("foreign files found in " + outbox + " at " + instant(clock));
        for (Path file : foreign) {
            lines.add(file.getFileName() + "  " + Files.size(file) + " bytes");
            Files.move(file, directory.resolve(file.getFileName()));
        }
        Files.write(directory.resolve("report.txt"), lines);
        LOG.warn("{} files in outbox {} are none of its own; moved to {}", foreign.size(), outbox, directory);
    }

    /** On return the outbox can be opened. */
    static void run(OutboxOptions options, KeyRing keys, Clock clock, String why) throws IOException {
        Path outbox = options.path();
        Path quarantine = unfinished(outbox);
        if (quarantine == null) {
            quarantine = nextDirectory(outbox);
            Files.writeString(quarantine.resolve(UNFINISHED), why + "\n");
        }
        LOG.error(
                "outbox {} is damaged ({}); salvaging what is readable, the rest goes to {}", outbox, why, quarantine);
        try {
            new Salvage(options, keys, clock, quarantine).run(why);
        } catch (RocksDBException | OutboxException e) {
            throw new IOException("outbox " + outbox + " cannot be salvaged: " + e.getMessage(), e);
        }
    }

    private static Path nextDirectory(Path outbox) throws IOException {
        Path all = quarantineOf(outbox);
        Files.createDirectories(all);
        for (int number = 1; ; number++) {
            Path directory = all.resolve("%04d".formatted(number));
            if (!Files.exists(directory)) {
                return Files.createDirectory(directory);
            }
        }
    }

    private static java.time.Instant instant(Clock clock) {
        return java.time.Instant.ofEpochSecond(clock.wallNs() / 1_000_000_000L);
    }

    private void run(String why) throws IOException, RocksDBException, OutboxException {
        Path outbox = options.path();
        Path building = outbox.resolveSibling(outbox.getFileName() + ".salvaging");
        if (!Files.exists(quarantine.resolve(BUILT))) {
            if (!Files.exists(quarantine.resolve(BEGUN))) {
                moveAll(outbox, quarantine);
                for (Path file : RocksFiles.in(building)) {
                    Files.delete(file);
                }
            }
            build(building, why);
            Files.writeString(quarantine.resolve(BUILT), "");
        }
        moveAll(building, outbox);
        Files.deleteIfExists(building);
        for (Path file : RocksFiles.in(quarantine)) {
            tidy(file);
        }
        Files.write(quarantine.resolve("report.txt"), report);
        for (String marker : List.of(UNFINISHED, BEGUN, BUILT)) {
            Files.deleteIfExists(quarantine.resolve(marker));
        }
        LOG.warn("outbox {} is salvaged; see {}", outbox, quarantine.resolve("report.txt"));
    }

    private static void moveAll(Path from, Path to) throws IOException {
        for (Path file : RocksFiles.in(from)) {
            Files.move(file, to.resolve(file.getFileName()));
        }
    }

    private void build(Path building, String why) throws IOException, RocksDBException, OutboxException {
        for (Path file : RocksFiles.in(quarantine)) {
            if (RocksFiles.isTable(file) || RocksFiles.isLog(file)) {
                scan.look(file);
            }
        }
        if (!scan.missingKeys().isEmpty()) {
            throw new IOException("outbox " + options.path() + " is damaged, and what is readable is sealed with "
                    + String.join(", ", scan.missingKeys())
                    + ": name these keys in outbox.encryption, under old-keys, for the salvage; it lies in "
                    + quarantine);
        }
        TreeMap<Long, SalvageScan.Found> batches = scan.batches();
        try (RocksDatabase rocks = RocksDatabase.open(options, building);
                WriteOptions sync = new WriteOptions().setSync(true)) {
            Counters fresh;
            if (Files.exists(quarantine.resolve(BEGUN))) {
                fresh = Counters.decode(rocks.db.get(rocks.meta, RocksOutbox.COUNTERS));
                report.add("outbox " + options.path() + " salvaged, went on at " + instant(clock));
            } else {
                fresh = begin(rocks, sync, batches, why);
                Files.writeString(quarantine.resolve(BEGUN), "");
            }
            Counters last = copy(rocks, sync, fresh, batches);
            report.add(last.next() + " readings carried over into epoch " + last.epoch());
            LOG.warn("{} readings carried over into epoch {}", last.next(), last.epoch());
        }
    }

    /** Of what was queued; the collector knows better, as it knows what it has received. */
    private static long damagedReadings(@Nullable Counters old, TreeMap<Long, SalvageScan.Found> batches) {
        if (old == null) {
            return 0;
        }
        long queued = 0;
        for (Map.Entry<Long, SalvageScan.Found> each : batches.entrySet()) {
            queued += each.getValue().key().readings();
        }
        return Math.max(0, old.readings() - queued);
    }

    /** Losses and dead letters, with the counters, in one write. */
    private Counters begin(RocksDatabase rocks, WriteOptions sync, TreeMap<Long, SalvageScan.Found> batches, String why)
            throws RocksDBException, IOException {
        Counters old = scan.counters();
        long oldEpoch = old != null ? old.epoch() : EpochFile.last(options.path());
        long damaged = damagedReadings(old, batches);
        Counters after = (old == null ? Counters.fresh(0) : old)
                .inEpoch(EpochFile.next(options.path(), clock, oldEpoch + 1))
                .lost(damaged, RocksOutbox.CAUSE_DAMAGED);
        report.add("outbox " + options.path() + " salvaged at " + instant(clock) + " because: " + why);
        report.add("epoch " + oldEpoch + " ended, epoch " + after.epoch() + " begins");
        report.add(damaged + " readings of the old epoch are known to be lost");
        try (WriteBatch write = new WriteBatch()) {
            List<LostRange> losses = new ArrayList<>();
            for (LostRange lost : scan.losses()) {
                losses.add(lost.epoch() == 0 ? new LostRange(oldEpoch, lost.range(), lost.cause()) : lost);
            }
            long first = -1;
            long end = -1;
            for (SalvageScan.Found each : batches.values()) {
                if (each.key().first() != end) {
                    if (first >= 0) {
                        losses.add(new LostRange(oldEpoch, SequenceRange.between(first, end), CAUSE_SALVAGED));
                    }
                    first = each.key().first();
                }
                end = each.key().end();
            }
            if (first >= 0) {
                losses.add(new LostRange(oldEpoch, SequenceRange.between(first, end), CAUSE_SALVAGED));
            }
            if (oldEpoch > 0) {
                losses.add(LostRange.rest(oldEpoch, RocksOutbox.CAUSE_DAMAGED));
            }
            for (LostRange lost : losses) {
                write.put(rocks.lost, OutboxFormat.lostKey(lost), OutboxFormat.lost(lost));
            }
            for (Map.Entry<Long, byte[]> each : scan.letters().entrySet()) {
                try {
                    byte[] letter = codec.moved(each.getKey(), after.letterNext(), each.getValue());
                    write.put(rocks.letters, OutboxFormat.key(after.letterNext()), letter);
                    after = after.lettered(letter.length);
                } catch (OutboxException e) {
                    report.add("not carried over: " + e.getMessage());
                }
            }
            write.put(rocks.meta, RocksOutbox.COUNTERS, after.encode());
            rocks.db.write(sync, write);
        }
        return after;
    }

    private Counters copy(
            RocksDatabase rocks, WriteOptions sync, Counters from, TreeMap<Long, SalvageScan.Found> batches)
            throws RocksDBException, OutboxException, IOException {
        Counters[] after = {from};
        long[] bytes = {0};
        WriteBatch[] write = {new WriteBatch()};
        try {
            scan.forEachWanted(
                    batches,
                    (key, value) -> {
                        EncodedBatch batch = codec.record(key, value).batch();
                        byte[] newKey = OutboxFormat.key(after[0].next(), batch);
                        write[0].put(rocks.batches, newKey, codec.value(newKey, batch));
                        if (newKey.length > OutboxFormat.KEY_BYTES) {
                            write[0].put(
                                    rocks.classes, OutboxFormat.classKey(batch.priority(), after[0].next()), newKey);
                        }
                        Counters appended = after[0].appended(batch);
                        // Summaries were counted when they were made.
                        after[0] = batch.thinned() ? appended.withoutSummaries(batch.readings()) : appended;
                        bytes[0] += value.length;
                        if (bytes[0] >= WRITE_BYTES) {
                            flush(rocks, sync, write[0], after[0]);
                            bytes[0] = 0;
                        }
                    },
                    file -> {
                        flush(rocks, sync, write[0], after[0]);
                        bytes[0] = 0;
                        tidy(file);
                    });
            flush(rocks, sync, write[0], after[0]);
        } finally {
            write[0].close();
        }
        return after[0];
    }

    private static void flush(RocksDatabase rocks, WriteOptions sync, WriteBatch write, Counters counters)
            throws RocksDBException {
        write.put(rocks.meta, RocksOutbox.COUNTERS, counters.encode());
        rocks.db.write(sync, write);
        write.clear();
    }

    /** What is damaged stays to be looked at; what was read whole is in the new outbox. */
    private void tidy(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (List.of(UNFINISHED, BEGUN, BUILT, "report.txt").contains(name)) {
            return;
        }
        String damage = scan.damage(file);
        if (damage != null) {
            report.add(name + "  " + Files.size(file) + " bytes, kept: " + damage);
        } else if (RocksFiles.isTable(file) || RocksFiles.isLog(file) || name.equals("LOCK")) {
            report.add(name + "  " + Files.size(file) + " bytes, read whole and removed");
            Files.delete(file);
        } else {
            report.add(name + "  " + Files.size(file) + " bytes, kept");
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
