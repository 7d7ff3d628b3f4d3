package io.tributary.collector.storage;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.AccountReader;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.partition.BatchWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * The embedded time-series engine: one directory, one RocksDB, a committer thread that makes appends durable and
 * visible, background threads that turn heads into chunks.
 */
public interface TimeSeriesEngine extends AutoCloseable {
    /**
     * Opens the store in a directory, creates it when there is none, and rebuilds the heads from the log. Everything
     * acknowledged before is visible on return.
     *
     * @throws IOException when the directory cannot be used, is in use by another process, or was created with another
     *     number of partitions or bucket width; the message says what to do
     */
    static TimeSeriesEngine open(Path directory, EngineOptions options, InstantSource clock, PrometheusRegistry metrics)
            throws IOException {
        return open(directory, options, LifecycleOptions.NONE, clock, metrics);
    }

    /** As above, of a store that does not keep everything for ever. */
    static TimeSeriesEngine open(
            Path directory,
            EngineOptions options,
            LifecycleOptions lifecycle,
            InstantSource clock,
            PrometheusRegistry metrics)
            throws IOException {
        return RocksEngine.open(directory, options, lifecycle, clock, metrics);
    }

    BatchWriter writer();

    ReadingReader reader();

    CatalogReader catalog();

    AccountReader accounts();

    DeadLetterReader deadLetters();

    ErasureControl erasures();

    /** For subscribers. */
    LogReader log();

    /** Files of the database that cannot be read, and what is wrong with them; the rest is served. */
    Map<String, String> damagedFiles();

    /** @param kind keeps users apart: {@code agent}, {@code bookmark} */
    StateStore states(String kind);

    /** Turns every head into chunks and returns when they are written. */
    void flush();

    /** Finishes queued appends, flushes the heads and closes the database. May be called twice. */
    @Override
    void close();
}
