package io.tributary.agent.outbox;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds on to the tables while RocksDB opens: it deletes those that its manifest does not name, which is right after a crash
 * and wrong when the manifest was cut short. A second name in {@code guard/} keeps each until it is known that the outbox
 * has all that it holds.
 */
final class TableGuard {
    private static final Logger LOG = LoggerFactory.getLogger(TableGuard.class);

    private final Path outbox;
    private final Path directory;

    private TableGuard(Path outbox) {
        this.outbox = outbox;
        this.directory = outbox.resolve("guard");
    }

    static TableGuard take(Path outbox) throws IOException {
        TableGuard guard = new TableGuard(outbox);
        List<Path> tables =
                RocksFiles.in(outbox).stream().filter(RocksFiles::isTable).toList();
        if (tables.isEmpty()) {
            return guard;
        }
        Files.createDirectories(guard.directory);
        for (Path table : tables) {
            Path second = guard.directory.resolve(table.getFileName());
            try {
                Files.createLink(second, table);
            } catch (FileAlreadyExistsException e) {
                LOG.debug("{} is guarded since a start that was broken off", table, e);
            } catch (UnsupportedOperationException | IOException e) {
                LOG.debug("tables of {} cannot be guarded: the file system knows no hard links", outbox, e);
                return guard;
            }
        }
        return guard;
    }

    /** @throws DamagedOutboxException when the database lacks what a table that it does not know of holds */
    void check(RocksDatabase rocks, Counters counters) throws IOException, RocksDBException {
        Set<String> live = new HashSet<>();
        for (LiveFileMetaData file : rocks.db.getLiveFilesMetaData()) {
            live.add(file.fileName().replace("/", ""));
        }
        for (Path table : RocksFiles.in(directory)) {
            if (live.contains(String.valueOf(table.getFileName()))) {
                continue;
            }
            List<byte[]> lacking = new ArrayList<>();
            new SalvageScan().read(table, (family, key, value) -> {
                if (family == SalvageScan.BATCH && OutboxFormat.isBatch(key, value)) {
                    OutboxFormat.BatchKey batch = OutboxFormat.batchKey(key);
                    boolean isDue = batch.first() >= counters.head() && batch.end() <= counters.next();
                    if (isDue && lacking.isEmpty() && rocks.db.get(rocks.batches, key) == null) {
                        lacking.add(key);
                    }
                }
            });
            // What was freed out of order lacks rightly; the counters tell.
            if (!lacking.isEmpty() && batches(rocks, counters.head()) != counters.batches()) {
                throw new DamagedOutboxException("the manifest does not name " + table.getFileName()
                        + ", which holds the batch at sequence " + OutboxFormat.number(lacking.get(0)));
            }
        }
    }

    private static long batches(RocksDatabase rocks, long head) throws RocksDBException {
        long count = 0;
        try (RocksIterator each = rocks.db.newIterator(rocks.batches)) {
            for (each.seek(OutboxFormat.key(head)); each.isValid(); each.next()) {
                count++;
            }
            each.status();
        }
        return count;
    }

    /** Puts back what RocksDB has deleted, for a salvage. */
    void putBack() throws IOException {
        for (Path table : RocksFiles.in(directory)) {
            Path first = outbox.resolve(table.getFileName());
            if (Files.exists(first)) {
                Files.delete(table);
            } else {
                Files.move(table, first);
            }
        }
    }

    void release() throws IOException {
        for (Path table : RocksFiles.in(directory)) {
            Files.delete(table);
        }
        Files.deleteIfExists(directory);
    }
}
