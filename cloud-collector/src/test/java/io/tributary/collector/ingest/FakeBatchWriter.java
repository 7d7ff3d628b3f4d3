package io.tributary.collector.ingest;

import io.tributary.collector.account.AccountReader;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchRows;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The writer's contract in memory: a bounded queue, one committer thread, deduplication by sequence, then by series and
 * event time. Commits can be held back, refused or made to fail.
 */
final class FakeBatchWriter implements BatchWriter, AccountReader, AutoCloseable {
    record Key(String device, String channel, ValueType type, long eventTimeNs) {}

    private record Work(Runnable apply, AppendCallback callback) {}

    /** Decides the fate of each commit; null: durable. */
    interface Fault {
        @org.jspecify.annotations.Nullable
        Throwable next();
    }

    private final ExecutorService committer =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "fake-committer"));
    private final ArrayDeque<Work> queue = new ArrayDeque<>();
    private final Map<Origin, TreeSet<Long>> received = new HashMap<>();
    private final Map<Origin, Map<String, List<SequenceRange>>> evicted = new HashMap<>();
    private final Map<Origin, TreeMap<String, Long>> rejected = new HashMap<>();
    private final Map<Origin, long[]> counts = new HashMap<>(); // stored, duplicate, replaced, redelivered
    final Map<Key, Object> stored = new HashMap<>();
    final List<RejectedRows> deadLetters = new ArrayList<>();
    private boolean paused;
    private boolean full;
    private Fault fault = () -> null;

    synchronized void pause() {
        paused = true;
    }

    void resume() {
        List<Work> held;
        synchronized (this) {
            paused = false;
            held = new ArrayList<>(queue);
            queue.clear();
        }
        held.forEach(this::commit);
    }

    synchronized void setFull(boolean full) {
        this.full = full;
    }

    synchronized void setFault(Fault fault) {
        this.fault = fault;
    }

    synchronized int heldAppends() {
        return queue.size();
    }

    @Override
    public boolean append(Append append, AppendCallback callback) {
        return submit(new Work(() -> apply(append), callback));
    }

    @Override
    public boolean recordLoss(Origin origin, long first, long count, String cause, AppendCallback callback) {
        return submit(new Work(
                () -> evicted.computeIfAbsent(origin, unused -> new TreeMap<>())
                        .computeIfAbsent(cause, unused -> new ArrayList<>())
                        .add(new SequenceRange(first, count)),
                callback));
    }

    private boolean submit(Work work) {
        synchronized (this) {
            if (full) {
                return false;
            }
            if (paused) {
                queue.add(work);
                return true;
            }
        }
        commit(work);
        return true;
    }

    private void commit(Work work) {
        committer.execute(() -> {
            Throwable failure;
            synchronized (this) {
                failure = fault.next();
                if (failure == null) {
                    work.apply.run();
                }
            }
            if (failure == null) {
                work.callback.durable(1_700_000_000_000_000_000L);
            } else {
                work.callback.failed(failure);
            }
        });
    }

    private void apply(Append append) {
        TreeSet<Long> seen = received.computeIfAbsent(append.origin(), unused -> new TreeSet<>());
        long[] count = counts.computeIfAbsent(append.origin(), unused -> new long[4]);
        long first = append.firstSequence();
        boolean allSeen = true;
        for (long s = first; s < first + append.count(); s++) {
            allSeen &= seen.contains(s);
        }
        if (allSeen) {
            count[3] += append.count();
            return;
        }
        Batch batch = append.batch();
        for (int t = 0; t < batch.tables().size(); t++) {
            Table table = batch.tables().get(t);
            long[][] given = append.rowSequences();
            long[] sequences = given == null ? BatchRows.rowSequences(table, first) : given[t];
            first += table.readingCount();
            applyTable(batch, table, sequences, seen, count);
        }
        for (RejectedRows rows : append.rejections()) {
            deadLetters.add(rows);
            rejected.computeIfAbsent(append.origin(), unused -> new TreeMap<>())
                    .merge(rows.cause(), rows.readings(), Long::sum);
        }
        for (long s = append.firstSequence(); s < append.firstSequence() + append.count(); s++) {
            seen.add(s);
        }
    }

    private void applyTable(Batch batch, Table table, long[] sequences, TreeSet<Long> seen, long[] count) {
        int[] next = new int[table.columns().length];
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            String device = batch.devices().get(table.runDevice()[run]).id();
            for (int end = row + table.runLength()[run]; row < end; row++) {
                long sequence = sequences[row];
                for (int c = 0; c < table.columns().length; c++) {
                    Column column = table.columns()[c];
                    if (!column.isPresent(row)) {
                        continue;
                    }
                    Channel channel = batch.channels().get(table.channels()[c]);
                    Object value = value(column, next[c]++);
                    if (seen.contains(sequence++)) {
                        count[3]++;
                        continue;
                    }
                    Key key = new Key(device, channel.name(), channel.type(), table.eventTimes()[row]);
                    Object before = stored.put(key, value);
                    count[before == null ? 0 : before.equals(value) ? 1 : 2]++;
                }
            }
        }
    }

    private static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> Double.doubleToRawLongBits(column.doubles()[index]);
            case LONG, BOOL -> column.longs()[index];
            case STRING -> column.strings()[index];
        };
    }

    @Override
    public synchronized List<SequenceRange> received(Origin origin) {
        List<SequenceRange> ranges = new ArrayList<>(delivered(origin));
        evicted.getOrDefault(origin, Map.of()).values().forEach(ranges::addAll);
        return Outbound.merge(ranges);
    }

    private List<SequenceRange> delivered(Origin origin) {
        List<SequenceRange> ranges = new ArrayList<>();
        for (long sequence : received.getOrDefault(origin, new TreeSet<>())) {
            ranges.add(new SequenceRange(sequence, 1));
        }
        return Outbound.merge(ranges);
    }

    @Override
    public synchronized List<Origin> origins() {
        return List.copyOf(counts.keySet());
    }

    @Override
    public synchronized OriginAccount account(Origin origin) {
        long[] count = counts.getOrDefault(origin, new long[4]);
        return new OriginAccount(
                delivered(origin),
                Map.copyOf(evicted.getOrDefault(origin, Map.of())),
                Map.copyOf(rejected.getOrDefault(origin, new TreeMap<>())),
                count[0],
                count[1],
                count[2],
                count[3]);
    }

    synchronized int storedReadings() {
        return stored.size();
    }

    @Override
    public void close() {
        committer.shutdown();
    }
}
