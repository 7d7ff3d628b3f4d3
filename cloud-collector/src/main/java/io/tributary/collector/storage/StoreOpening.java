package io.tributary.collector.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a database whatever state it is in.
 *
 * <pre>
 * opens                                        as it is
 * a write-ahead log is damaged                 it counts up to there
 * anything else is damaged, missing, older     {@link StoreSalvage}; where there is no room for that, without the tables
 * </pre>
 */
final class StoreOpening {
    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);
    /** A salvaged database opens. */
    private static final int SALVAGES_MAX = 2;

    private final Path directory;
    private final EngineOptions options;
    private final DamagedFiles damaged;
    private final StoreSalvage salvage;

    StoreOpening(Path directory, EngineOptions options) {
        this.directory = directory;
        this.options = options;
        this.damaged = new DamagedFiles(directory);
        this.salvage = new StoreSalvage(directory, options, damaged);
    }

    RocksStore open() throws IOException {
        try {
            damaged.inQuarantine();
            salvage.resume();
            String why = RocksFiles.missing(directory);
            why = why == null ? damaged.remembered() : why;
            for (int i = 0; i <= SALVAGES_MAX; i++) {
                if (why != null) {
                    if (!salvage.fits()) {
                        LOG.error("there is no room to salvage the database in {} ({})", directory, why);
                        break;
                    }
                    salvage.run(why);
                    damaged.forget();
                }
                Attempt attempt = attempt();
                if (attempt.store != null) {
                    return attempt.store;
                }
                why = attempt.why;
            }
            return RocksStore.open(directory, options, damaged, RocksStore.Strictness.WITHOUT_TABLES);
        } catch (RocksDBException e) {
            throw cannotOpen(directory, e);
        }
    }

    /** @param why it has to be salvaged when it is not open */
    private record Attempt(@Nullable RocksStore store, String why) {}

    private Attempt attempt() throws IOException, RocksDBException {
        TableGuard guard = TableGuard.take(directory);
        String why;
        try {
            RocksStore store = openLogs();
            String wrong = wrong(guard, store);
            if (wrong == null) {
                guard.release();
                return new Attempt(store, "");
            }
            store.close();
            why = wrong;
        } catch (RocksDBException e) {
            if (!DamagedFiles.isDamage(e)) {
                guard.release();
                throw e;
            }
            why = String.valueOf(e.getMessage());
        }
        guard.putBack();
        guard.release();
        return new Attempt(null, why);
    }

    /** What of an open database calls for a salvage; null when nothing does. */
    private static @Nullable String wrong(TableGuard guard, RocksStore store) throws IOException, RocksDBException {
        try {
            store.checkSmall();
            return guard.lacking(store);
        } catch (RocksDBException e) {
            if (DamagedFiles.isDamage(e)) {
                return String.valueOf(e.getMessage());
            }
            store.close();
            throw e;
        }
    }

    private RocksStore openLogs() throws IOException, RocksDBException {
        try {
            return RocksStore.open(directory, options, damaged, RocksStore.Strictness.STRICT);
        } catch (RocksDBException e) {
            if (!DamagedFiles.isDamage(e) || !DamagedFiles.isOfLog(e)) {
                throw e;
            }
            damaged.keepAside(e);
            return RocksStore.open(directory, options, damaged, RocksStore.Strictness.UP_TO_DAMAGE);
        }
    }

    private static IOException cannotOpen(Path directory, RocksDBException failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("lock hold by") || message.contains("While lock file")) {
            return new IOException(
                    "data directory " + directory
                            + " is in use by another process; stop that one or configure another directory (" + message
                            + ")",
                    failure);
        }
        if (message.contains("Column families not opened: log")) {
            return new IOException("store in " + directory + " has format 1, expected " + RocksEngine.FORMAT
                    + ", with a log of its own; start the version that wrote it");
        }
        return new IOException("store in " + directory + " cannot be opened: " + message, failure);
    }
}
