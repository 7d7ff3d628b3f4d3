package io.tributary.collector.subscribe;

import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Rows;
import io.tributary.collector.storage.LogEntry;
import io.tributary.collector.storage.LogReader;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber: pulls records from the log when its client has room, so that a slow one costs one decoded record and
 * nobody waits for it. Polled by one thread; {@link #cancel} by any.
 *
 * <p>With auto-commit, the bookmark follows by one to two heartbeats: a client that went away in between gets again what
 * was on its way to it.
 */
public final class Subscription implements AutoCloseable {
    private final Subscriptions owner;
    private final LogReader log;
    private final StreamRequest request;
    private final LongSupplier nanoTime;
    private LogPosition position;
    private @Nullable LogPosition sent;
    private long tickNanos;
    private volatile boolean cancelled;
    private boolean closed;

    Subscription(
            Subscriptions owner, LogReader log, StreamRequest request, LogPosition position, LongSupplier nanoTime) {
        this.owner = owner;
        this.log = log;
        this.request = request;
        this.position = position;
        this.nanoTime = nanoTime;
        this.tickNanos = nanoTime.getAsLong();
    }

    /** Where it is. */
    public LogPosition position() {
        return position;
    }

    /**
     * Gives one record to the sink, waiting for it until the next heartbeat.
     *
     * @return false when it is time for a heartbeat, and nothing was given
     */
    public boolean poll(ReadingSink sink) throws IOException, InterruptedException {
        long left = owner.limits().heartbeat().toNanos() - (nanoTime.getAsLong() - tickNanos);
        if (left <= 0) {
            tick();
            return false;
        }
        LogEntry entry = log.next(position);
        if (entry == null) {
            log.await(position, left / 1_000_000 + 1);
            return true;
        }
        if (entry.missed() > 0) {
            owner.missed(entry.missed());
            sink.missed(entry.missed());
        }
        Rows rows = entry.rows();
        if (rows != null) {
            give(rows, entry, sink);
        }
        position = entry.after();
        sink.position(position);
        return true;
    }

    /** What was sent before the last heartbeat has arrived, as far as one can know. */
    private void tick() {
        tickNanos = nanoTime.getAsLong();
        if (request.autoCommit() && sent != null && request.bookmark() != null) {
            owner.commit(request.bookmark(), sent);
        }
        sent = position;
    }

    private void give(Rows rows, LogEntry entry, ReadingSink sink) throws IOException {
        long given = 0;
        for (Table table : rows.batch().tables()) {
            boolean[] asked = new boolean[table.columns().length];
            for (int i = 0; i < asked.length; i++) {
                asked[i] = request.selectsChannel(channel(rows, table, i).name());
            }
            int[] next = new int[asked.length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                String device =
                        rows.batch().devices().get(table.runDevice()[run]).id();
                boolean wanted = request.device().matches(device);
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    given += row(rows, table, row, device, wanted, asked, next, entry, sink);
                }
            }
        }
        owner.given(given);
    }

    private static Channel channel(Rows rows, Table table, int column) {
        return rows.batch().channels().get(table.channels()[column]);
    }

    private static long row(
            Rows rows,
            Table table,
            int row,
            String device,
            boolean wanted,
            boolean[] asked,
            int[] next,
            LogEntry entry,
            ReadingSink sink)
            throws IOException {
        long given = 0;
        for (int i = 0; i < asked.length; i++) {
            Column column = table.columns()[i];
            if (!column.isPresent(row)) {
                continue;
            }
            int index = next[i]++;
            long event = table.eventTimes()[row];
            if (wanted && asked[i]) {
                Channel channel = channel(rows, table, i);
                if (!entry.erased().hides(device, channel.name(), event)) {
                    sink.reading(
                            device, channel, event, table.edgeTimes()[row], entry.collectorTimeNs(), column, index);
                    given++;
                }
            }
        }
        return given;
    }

    /** Wakes the polling thread for the last time. */
    public void cancel() {
        cancelled = true;
        log.wake();
    }

    public boolean isCancelled() {
        return cancelled;
    }

    @Nullable
    String bookmark() {
        return request.bookmark();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            owner.ended(this);
        }
    }
}
