package io.tributary.collector.storage;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.AccountReader;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.log.SegmentedLog;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.Partitioner;
import io.tributary.column.CorruptColumnException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the engine over one log and one RocksDB: opens, recovers, starts the threads, closes in reverse. */
final class RocksEngine implements TimeSeriesEngine {
    private static final Logger LOG = LoggerFactory.getLogger(RocksEngine.class);
    static final long FORMAT = 2;
    static final String LOG_DIRECTORY = "log";
    private static final int SEGMENTS = 64;
    private static final long SEGMENT_BYTES_MIN = 64 << 10;
    private static final long SEGMENT_BYTES_MAX = 16 << 20;

    private final EngineParts parts;
    private final Committer committer;
    private final Flusher flusher;
    private final BackgroundWork background;
    private final EngineReader reader;
    private final Accounts accounts;
    private final StoreCatalog catalog;
    private final Eraser eraser;
    private final Rollups rollups;
    private boolean closed;

    private RocksEngine(EngineParts parts, CollectorClock collectorClock, InstantSource clock) {
        this.parts = parts;
        this.committer = new Committer(parts, collectorClock);
        this.flusher = new Flusher(parts);
        this.rollups = new Rollups(parts);
        this.background = new BackgroundWork(parts, flusher, rollups, clock);
        this.accounts = new Accounts(parts);
        this.catalog = new StoreCatalog(parts);
        this.reader = new EngineReader(parts, rollups);
        this.eraser = new Eraser(parts, flusher, collectorClock);
    }

    static RocksEngine open(
            Path directory,
            EngineOptions options,
            LifecycleOptions lifecycle,
            InstantSource clock,
            PrometheusRegistry metrics)
            throws IOException {
        try {
            return attempt(directory, options, lifecycle, clock, metrics);
        } catch (DamagedStoreException e) {
            LOG.error("the start met damage, which is noted: {}", e.getMessage());
            return attempt(directory, options, lifecycle, clock, metrics);
        }
    }

    /** A table turned out to be damaged while it was loaded; the next attempt salvages what is left of it. */
    private static final class DamagedStoreException extends IOException {
        private static final long serialVersionUID = 1L;

        DamagedStoreException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static RocksEngine attempt(
            Path directory,
            EngineOptions options,
            LifecycleOptions lifecycle,
            InstantSource clock,
            PrometheusRegistry metrics)
            throws IOException {
        StoreMetrics storeMetrics = new StoreMetrics(metrics);
        RocksStore store = null;
        SegmentedLog log = null;
        try {
            store = RocksStore.open(directory, options);
            checkFormat(store, directory, options);
            Recount.ifSalvaged(store, options.partitions());
            byte[] known = store.get(store.meta, Keys.LEDGERS);
            LogPosition ledgers = known == null
                    ? new LogPosition(0, 0)
                    : new LogPosition(Keys.longAt(known, 1), Keys.longAt(known, 0));
            log = openLog(directory, options, store.damaged(), ledgers);
            EngineParts parts = load(store, log, options, lifecycle, storeMetrics, ledgers);
            byte[] lastTime = store.get(store.meta, Keys.CLOCK);
            long last = Math.max(lastTime == null ? 0 : Keys.longAt(lastTime, 0), log.lastTimeNs());
            for (Erasure erasure : parts.lifecycle().erasures().view().every()) {
                last = Math.max(last, erasure.timeNs());
            }
            CollectorClock collectorClock = new CollectorClock(clock, last);
            long begin = System.nanoTime();
            long records = new Recovery(parts, new Flusher(parts), ledgers, collectorClock.next())
                    .run(parts.checkpoint().durable());
            if (store.damaged().any()) {
                Recount.reconcile(parts);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            LOG.info("store in {} opened, {} log records replayed in {} s", directory, records, seconds);
            parts.metrics().recovered(seconds);
            RocksEngine engine = new RocksEngine(parts, collectorClock, clock);
            storeMetrics.watch(parts, engine.committer);
            engine.rollups.start();
            engine.background.start();
            engine.committer.start();
            return engine;
        } catch (RocksDBException | CorruptColumnException | StorageException e) {
            boolean damaged = e instanceof RocksDBException cause && DamagedFiles.isDamage(cause);
            if (store != null && e instanceof RocksDBException cause) {
                store.met(cause);
            }
            close(storeMetrics, log, store);
            String message = "store in " + directory + " cannot be read: " + e.getMessage();
            throw damaged ? new DamagedStoreException(message, e) : new IOException(message, e);
        } catch (IOException | RuntimeException e) {
            close(storeMetrics, log, store);
            throw e;
        }
    }

    private static void close(StoreMetrics metrics, @Nullable SegmentedLog log, @Nullable RocksStore store)
            throws IOException {
        metrics.close();
        if (log != null) {
            log.close();
        }
        if (store != null) {
            store.close();
        }
    }

    private static SegmentedLog openLog(Path directory, EngineOptions options, DamagedFiles damaged, LogPosition known)
            throws IOException {
        long bytes = Math.min(SEGMENT_BYTES_MAX, Math.max(SEGMENT_BYTES_MIN, options.logBytes() / SEGMENTS));
        return SegmentedLog.open(
                directory.resolve(LOG_DIRECTORY),
                directory.resolve(DamagedFiles.DIRECTORY),
                bytes,
                known,
                damaged::metLog);
    }

    private static void checkFormat(RocksStore store, Path directory, EngineOptions options)
            throws RocksDBException, IOException {
        long bucketNs = options.bucket().toNanos();
        byte[] format = store.get(store.meta, Keys.FORMAT);
        if (format == null) {
            store.put(store.meta, Keys.FORMAT, Keys.longs(FORMAT, options.partitions(), bucketNs));
            return;
        }
        if (Keys.longAt(format, 0) != FORMAT) {
            throw new IOException("store in " + directory + " has format " + Keys.longAt(format, 0) + ", expected "
                    + FORMAT + "; start the version that wrote it");
        }
        if (Keys.longAt(format, 1) != options.partitions()) {
            throw new IOException("store in " + directory + " was created with " + Keys.longAt(format, 1)
                    + " partitions, configured are " + options.partitions()
                    + "; set storage.partitions back, or configure an empty directory");
        }
        if (Keys.longAt(format, 2) != bucketNs) {
            throw new IOException("store in " + directory + " was created with buckets of "
                    + Duration.ofNanos(Keys.longAt(format, 2)) + ", configured are " + options.bucket()
                    + "; set storage.bucket back, or configure an empty directory");
        }
    }

    private static EngineParts load(
            RocksStore store,
            SegmentedLog log,
            EngineOptions options,
            LifecycleOptions lifecycle,
            StoreMetrics metrics,
            LogPosition ledgers)
            throws RocksDBException, CorruptColumnException {
        Leases leases = new Leases();
        OriginBook book = new OriginBook(store);
        book.load();
        DeadLetters deadLetters = new DeadLetters(store, leases, options.deadLetterBytes());
        deadLetters.load();
        DeviceDirectory directory = new DeviceDirectory();
        Partition[] partitions = new Partition[options.partitions()];
        for (int i = 0; i < partitions.length; i++) {
            byte[] state = store.get(store.meta, Keys.partition(i));
            partitions[i] = state == null
                    ? new Partition(i, 0, 0, 0, directory)
                    : new Partition(i, Keys.longAt(state, 0), Keys.longAt(state, 1), Keys.longAt(state, 2), directory);
        }
        PartitionRouter router = new PartitionRouter(new Partitioner(options.partitions()));
        Backlog backlog = new Backlog(options);
        ReentrantLock publication = new ReentrantLock();
        byte[] replay = store.get(store.meta, Keys.REPLAY);
        long durable = Math.min(ledgers.position(), replay == null ? 0 : Keys.longAt(replay, 0));
        Checkpoint checkpoint =
                new Checkpoint(store, book, deadLetters, backlog, publication, options, ledgers, durable);
        return new EngineParts(
                options,
                store,
                log,
                checkpoint,
                leases,
                router,
                partitions,
                book,
                deadLetters,
                new Quarantine(),
                backlog,
                metrics,
                publication,
                Lifecycle.load(store, lifecycle, options.bucket().toNanos()),
                new DeviceCache(options.chunkCacheBytes()),
                new BoundedCache<>(options.summaryCacheBytes()),
                directory);
    }

    @Override
    public BatchWriter writer() {
        return committer;
    }

    @Override
    public ReadingReader reader() {
        return reader;
    }

    @Override
    public CatalogReader catalog() {
        return catalog;
    }

    @Override
    public AccountReader accounts() {
        return accounts;
    }

    @Override
    public DeadLetterReader deadLetters() {
        return parts.deadLetters();
    }

    @Override
    public Map<String, String> damagedFiles() {
        return parts.store().damaged().found();
    }

    @Override
    public LogReader log() {
        return new StoreLog(parts);
    }

    @Override
    public ErasureControl erasures() {
        return eraser;
    }

    /** Does at once what the background would do about retention and erasures. */
    void finishLifecycle() {
        parts.leases().acquire();
        try {
            background.finishLifecycle();
        } catch (RocksDBException e) {
            throw new StorageException("retention or an erasure cannot be carried out", e);
        } finally {
            parts.leases().release();
        }
    }

    /** Does at once what the background would do about fragments. */
    void finishFolds() {
        parts.leases().acquire();
        try {
            background.finishFolds();
        } catch (RocksDBException e) {
            throw new StorageException("fragments cannot be folded", e);
        } finally {
            parts.leases().release();
        }
    }

    @Override
    public StateStore states(String kind) {
        return new RocksStates(parts.store(), parts.leases(), kind);
    }

    @Override
    public void flush() {
        parts.leases().acquire();
        try {
            for (Partition partition : parts.partitions()) {
                flush(partition);
            }
        } finally {
            parts.leases().release();
        }
    }

    private void flush(Partition partition) {
        long end = partition.nextOffset();
        try {
            while (partition.flushedOffset() < end && flusher.flush(partition)) {
                // a flush may have been under way: the head behind it is next
            }
        } catch (RocksDBException e) {
            throw new StorageException("partition " + partition.number + " cannot be flushed", e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        parts.backlog().close();
        committer.close();
        background.close();
        try {
            flush();
        } catch (StorageException e) {
            LOG.warn("heads stay in the log until the next start: {}", e.getMessage());
        }
        try {
            parts.checkpoint().run();
        } catch (RocksDBException e) {
            LOG.warn("the next start reads the log from before: {}", e.getMessage());
        }
        parts.metrics().close();
        if (parts.leases().close()) {
            try {
                parts.log().close();
            } catch (IOException e) {
                LOG.warn("the log cannot be closed: {}", e.getMessage());
            }
            parts.store().close();
        } else {
            LOG.error("BUG: the store is still being read 10 s after it was to be closed; it is left open");
        }
    }
}
