package io.tributary.collector.storage;

import io.tributary.rocks.TableFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds on to the tables while RocksDB opens: it deletes those that its manifest does not name, which is right after a crash
 * and wrong when the manifest was cut short. A second name in {@code guard/} keeps each until it is known that the store
 * is not older than they are.
 */
final class TableGuard {
    private static final Logger LOG = LoggerFactory.getLogger(TableGuard.class);

    private final Path directory;
    private final Path guard;

    private TableGuard(Path directory) {
        this.directory = directory;
        this.guard = directory.resolve("guard");
    }

    static TableGuard take(Path directory) throws IOException {
        TableGuard taken = new TableGuard(directory);
        List<Path> tables =
                RocksFiles.in(directory).stream().filter(RocksFiles::isTable).toList();
        if (tables.isEmpty()) {
            return taken;
        }
        Files.createDirectories(taken.guard);
        for (Path table : tables) {
            try {
                Files.createLink(taken.guard.resolve(table.getFileName()), table);
            } catch (FileAlreadyExistsException e) {
                LOG.debug("{} is guarded since a start that was broken off", table, e);
            } catch (UnsupportedOperationException | IOException e) {
                LOG.debug("tables of {} cannot be guarded: the file system knows no hard links", directory, e);
                return taken;
            }
        }
        return taken;
    }

    /**
     * What a table knows that the store, which does not name it, lacks; null when there is no such table. A table that was
     * not finished when a crash came is newer than the store, too: the log makes its content again, and the write-ahead log
     * what does not follow from that.
     */
    @Nullable
    String lacking(RocksStore store) throws IOException, RocksDBException {
        Set<String> live = store.tables();
        byte[] replay = store.get(store.meta, Keys.REPLAY);
        boolean logReaches = logStart() <= (replay == null ? 0 : Keys.longAt(replay, 0));
        for (Path table : RocksFiles.in(guard)) {
            if (!live.contains(RocksFiles.name(table)) && isNewer(table, store, logReaches)) {
                return "MANIFEST does not name " + RocksFiles.name(table) + ", which is newer than what it names";
            }
        }
        return null;
    }

    /** Where the log begins. */
    private long logStart() throws IOException {
        Path log = directory.resolve(RocksEngine.LOG_DIRECTORY);
        if (!Files.isDirectory(log)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(log)) {
            return files.map(RocksFiles::name)
                    .filter(name -> name.matches("[0-9]{20}\\.segment"))
                    .mapToLong(name -> Long.parseLong(name.substring(0, 20)))
                    .min()
                    .orElse(0);
        }
    }

    private static boolean isNewer(Path path, RocksStore store, boolean logReaches)
            throws IOException, RocksDBException {
        try {
            TableFile table = TableFile.open(path);
            boolean chunks = table.family().equals("chunk");
            if (!table.family().equals("meta") && (!chunks || logReaches)) {
                return false;
            }
            TableFile.Cursor entries = table.entries();
            for (TableFile.Entry entry = entries.next(); entry != null; entry = entries.next()) {
                if (entry.kind() == TableFile.Kind.PUT
                        && (chunks ? lacksChunk(entry, store) : lacksState(entry, store, logReaches))) {
                    return true;
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("{} was not finished", path, e);
        }
        return false;
    }

    /** Numbers of fragments only grow. */
    private static boolean lacksChunk(TableFile.Entry entry, RocksStore store) throws RocksDBException {
        return ChunkKeys.number(entry.key()) >= store.nextFragment(ChunkKeys.device(entry.key()));
    }

    /** Offsets of partitions only grow; states and erasures do not follow from the log. */
    private static boolean lacksState(TableFile.Entry entry, RocksStore store, boolean logReaches)
            throws RocksDBException {
        byte[] key = entry.key();
        byte[] known = store.get(store.meta, key);
        if (key[0] == 's' || key[0] == 'x') {
            return known == null;
        }
        return !logReaches
                && key.length == 3
                && key[0] == 'p'
                && (known == null || Keys.longAt(known, 0) < Keys.longAt(entry.value(), 0));
    }

    /** Puts back what RocksDB has deleted, for a salvage. */
    void putBack() throws IOException {
        for (Path table : RocksFiles.in(guard)) {
            Path first = directory.resolve(table.getFileName());
            if (Files.exists(first)) {
                Files.delete(table);
            } else {
                Files.move(table, first);
            }
        }
    }

    void release() throws IOException {
        for (Path table : RocksFiles.in(guard)) {
            Files.delete(table);
        }
        Files.deleteIfExists(guard);
    }
}
