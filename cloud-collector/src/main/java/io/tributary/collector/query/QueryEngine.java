package io.tributary.collector.query;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.storage.ReadingReader;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries on the thread of the caller, as a stream into a sink. Holds no state between queries. Everything that
 * ends a query early is a {@link QueryException}; what a sink throws passes through.
 */
public final class QueryEngine {
    private final ReadingReader reader;
    private final CatalogReader catalog;
    private final QueryLimits limits;
    private final LongSupplier nanoTime;
    private final QueryMetrics metrics;

    /** @param nanoTime monotonic, in ns */
    public QueryEngine(
            ReadingReader reader,
            CatalogReader catalog,
            QueryLimits limits,
            LongSupplier nanoTime,
            PrometheusRegistry registry) {
        this.reader = reader;
        this.catalog = catalog;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.metrics = new QueryMetrics(registry);
    }

    /** @param cancelled asked now and then on the answering thread; true ends the query */
    public QueryRun begin(BooleanSupplier cancelled) {
        return begin(device -> true, cancelled);
    }

    /** @param scope false for the ID of a device that has to look as if it were not there */
    public QueryRun begin(Predicate<String> scope, BooleanSupplier cancelled) {
        return new QueryRun(limits, nanoTime, scope, cancelled);
    }

    /**
     * Readings that a question about one device would have to decode, at a guess; {@link Long#MAX_VALUE} when it is about
     * more devices, has patterns of channels, or cannot be answered from memory.
     *
     * @param range of event times
     */
    public long readingsHeld(SeriesSelector series, TimeRange range) {
        return series.device().isLiteral() && series.channels().stream().allMatch(Glob::isLiteral)
                ? reader.held(series.device().prefix(), series::selectsChannel, range.fromNs(), range.toNs())
                : Long.MAX_VALUE;
    }

    /** Whether aggregates may be answered from what is kept per window, which is on disk. */
    public boolean hasRollups() {
        return reader.hasRollups(every -> true);
    }

    /** @return where the next page begins; null when the answer is complete */
    public @Nullable Position read(ReadQuery query, QueryRun run, RowSink sink) throws IOException {
        RowReader rows = new RowReader(reader, query, run, sink);
        String first = query.after() == null ? null : query.after().device();
        observed(
                "readings",
                run,
                () -> new DeviceScan(catalog, query.series(), run)
                        .forEach(first, (device, channels) -> rows.readDevice(device.id(), channels)));
        return rows.next();
    }

    /**
     * At most so many readings of each series that a plot of them looks like one of all, by {@link Lttb}; device by
     * device, series by series.
     */
    public void plot(ReadQuery query, int points, QueryRun run, RowSink sink) throws IOException {
        PlotReader plot = new PlotReader(reader, query, points, run, sink);
        observed(
                "plot",
                run,
                () -> new DeviceScan(catalog, query.series(), run)
                        .forEach(null, (device, channels) -> plot.readDevice(device.id(), channels)));
    }

    /**
     * Windows, series by series in the order of group, channel and unit.
     *
     * @return where the next page begins; null when the answer is complete
     */
    public @Nullable WindowPosition aggregate(AggregateQuery query, QueryRun run, WindowSink sink) throws IOException {
        WindowReader[] reading = new WindowReader[1];
        boolean byDevice = query.grouping().kind() == Grouping.Kind.DEVICE;
        String first = byDevice && query.after() != null ? query.after().group() : null;
        observed("aggregate", run, () -> {
            WindowReader windows = new WindowReader(reader, new ChannelNames(catalog), query, run, sink);
            reading[0] = windows;
            new DeviceScan(catalog, query.series(), run).forEach(first, windows::readDevice);
            windows.emit();
        });
        return reading[0].next();
    }

    /** The reading with the highest event time of each series, by device, then channel. */
    public void latest(SeriesSelector series, QueryRun run, RowSink sink) throws IOException {
        LatestReader latest = new LatestReader(reader.summaries(), series, run, sink);
        // Channels are chosen among those that have a reading, without asking the catalog for each device.
        SeriesSelector devices = new SeriesSelector(series.device(), series.tags(), List.of());
        observed(
                "latest",
                run,
                () -> new DeviceScan(catalog, devices, run)
                        .forEach(null, (device, channels) -> latest.readDevice(device.id())));
    }

    /**
     * As {@link #latest}, of some devices.
     *
     * @param from where to begin; null for the first
     * @param devices at most so many
     * @param isFull asked before every device but the first: true ends the page
     * @return where the next page begins; null when the answer is complete
     */
    public @Nullable DevicePosition latestPage(
            SeriesSelector series,
            @Nullable DevicePosition from,
            long devices,
            BooleanSupplier isFull,
            QueryRun run,
            RowSink sink)
            throws IOException {
        LatestReader latest = new LatestReader(reader.summaries(), series, run, sink);
        SeriesSelector all = new SeriesSelector(series.device(), series.tags(), List.of());
        DevicePosition[] next = new DevicePosition[1];
        long[] told = new long[1];
        DeviceScan.Visitor visitor = (device, channels) -> {
            if (told[0] == devices || told[0] > 0 && isFull.getAsBoolean()) {
                next[0] = new DevicePosition(device.id());
                return false;
            }
            told[0]++;
            return latest.readDevice(device.id());
        };
        observed(
                "latest",
                run,
                () -> new DeviceScan(catalog, all, run).forEach(from == null ? null : from.device(), visitor));
        return next[0];
    }

    private interface Work {
        void run() throws IOException;
    }

    private void observed(String kind, QueryRun run, Work work) throws IOException {
        try {
            work.run();
        } catch (QueryException e) {
            metrics.refused(e.kind());
            throw e;
        } finally {
            metrics.ended(kind, run);
        }
    }
}
