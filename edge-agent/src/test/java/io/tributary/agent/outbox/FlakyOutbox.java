package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** An outbox in memory whose writes fail at random; the double for everything around the real one. */
public class FlakyOutbox implements Outbox {
    private final SplittableRandom random;
    private final double failures;
    private final TreeMap<Long, EncodedBatch> batches = new TreeMap<>();
    private final List<LostRange> losses = new ArrayList<>();
    private final List<DeadLetter> letters = new ArrayList<>();
    private long next;
    private long evicted;
    private int syncedAppends;
    private boolean synced = true;

    public FlakyOutbox(long seed, double failures) {
        this.random = new SplittableRandom(seed);
        this.failures = failures;
    }

    @Override
    public long epoch() {
        return 1;
    }

    @Override
    public synchronized long evictedReadings() {
        return evicted;
    }

    @Override
    public synchronized OutboxStats stats() {
        long oldest = batches.isEmpty() ? next : batches.firstKey();
        return new OutboxStats(
                1,
                next,
                oldest,
                readings(),
                batches.values().stream().mapToLong(each -> each.bytes().length).sum(),
                batches.size(),
                0,
                0,
                new Evictions(evicted, 0, 0, 0, 0),
                letters.size(),
                0);
    }

    public synchronized long readings() {
        return batches.values().stream().mapToLong(EncodedBatch::readings).sum();
    }

    synchronized List<EncodedBatch> batches() {
        return List.copyOf(batches.values());
    }

    synchronized int syncedAppends() {
        return syncedAppends;
    }

    synchronized boolean isSynced() {
        return synced;
    }

    @Override
    public synchronized void append(List<EncodedBatch> more, List<DeadLetter> moreLetters, boolean sync)
            throws OutboxException {
        if (random.nextDouble() < failures) {
            throw new OutboxException("no space left on device");
        }
        for (EncodedBatch batch : more) {
            batches.put(next, batch);
            next += batch.readings();
        }
        letters.addAll(moreLetters);
        synced = sync;
        syncedAppends += sync ? 1 : 0;
    }

    @Override
    public synchronized void sync() {
        synced = true;
    }

    @Override
    public synchronized List<OutboxRecord> read(long fromSequence, long beforeSequence, long bytesMax) {
        List<OutboxRecord> records = new ArrayList<>();
        long bytes = 0;
        for (var each : batches.tailMap(fromSequence, true).entrySet()) {
            bytes += each.getValue().bytes().length;
            if (each.getKey() >= beforeSequence || (bytes > bytesMax && !records.isEmpty())) {
                break;
            }
            records.add(new OutboxRecord(1, each.getKey(), each.getValue()));
        }
        return records;
    }

    @Override
    public synchronized List<OutboxRecord> readClass(int priority, long fromSequence, long bytesMax)
            throws OutboxException {
        return read(fromSequence, Long.MAX_VALUE, Long.MAX_VALUE).stream()
                .filter(each -> each.batch().priority() == priority)
                .toList();
    }

    @Override
    public synchronized void free(long epoch, List<SequenceRange> ranges) throws OutboxException {
        for (SequenceRange range : ranges) {
            batches.entrySet()
                    .removeIf(each -> each.getKey() >= range.first()
                            && each.getKey() + each.getValue().readings() <= range.end());
        }
    }

    public synchronized void evictOldest() {
        var oldest = batches.pollFirstEntry();
        evicted += oldest.getValue().readings();
        losses.add(new LostRange(
                1, new SequenceRange(oldest.getKey(), oldest.getValue().readings()), "outbox-full"));
    }

    @Override
    public void evictBefore(long edgeTimeNs) {}

    @Override
    public synchronized List<LostRange> losses(int limit) {
        return losses.stream().limit(limit).toList();
    }

    @Override
    public synchronized void forgetLosses(long epoch, List<SequenceRange> ranges) {
        for (SequenceRange range : ranges) {
            losses.removeIf(each ->
                    each.range().first() >= range.first() && each.range().end() <= range.end());
        }
    }

    @Override
    public synchronized List<DeadLetter> deadLetters(int limit) {
        return letters.stream().limit(limit).toList();
    }

    @Override
    public void renewEpoch(String why) throws OutboxException {
        throw new OutboxException(why);
    }

    @Override
    public void close() {}
}
