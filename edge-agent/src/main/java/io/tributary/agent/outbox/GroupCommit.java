package io.tributary.agent.outbox;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The intake: readings wait in a queue bounded in bytes; one thread takes all that wait, makes one write of them, one
 * fsync, and then tells every source.
 *
 * <pre>
 * source threads --take--> [ queue, outbox.queue bytes ] --outbox-commit--> append + fsync --> receipts
 *            --deadLetter--> [ letters of each source ]  --/  as many as their rate lets
 * </pre>
 */
public final class GroupCommit implements Intake, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final long RETRY_MILLIS = 1_000;
    private static final long SYNC_WRITTEN_NS = 1_000_000_000L;
    /** Of one batch that a source hands in; with readings encoded it stays below what collectors take (4 MiB). */
    private static final long TAKE_BYTES_MAX = 2 << 20;
    /** Of the queue, beside it: what may wait of the dead letters of a source. */
    private static final long LETTER_SHARE = 32;
    /** In memory before encoding. */
    private static final long BATCH_BYTES_MAX = 3 << 20;

    private final Outbox outbox;
    private final OutboxOptions options;
    private final Clock clock;
    private final Runnable appended;
    private final CommitMetrics metrics;
    private final GroupEncoder encoder;
    private @Nullable Thread thread;
    /** Of the committer only. */
    private boolean unsynced;

    private long syncedNs;
    private volatile boolean failing;

    // Guarded by lock.
    private final Object lock = new Object();
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final LetterLane letterLane;
    private long queuedBytes;
    private boolean stopping;

    /** @param appended called when there may be more to read, on the committer's thread; must not block */
    public GroupCommit(
            Outbox outbox, OutboxOptions options, Clock clock, Runnable appended, PrometheusRegistry registry) {
        this(outbox, options, clock, null, appended, registry);
    }

    /** @param keeper says whether stamps can be believed; null: always */
    public GroupCommit(
            Outbox outbox,
            OutboxOptions options,
            Clock clock,
            @Nullable ClockKeeper keeper,
            Runnable appended,
            PrometheusRegistry registry) {
        this.outbox = outbox;
        this.options = options;
        this.clock = clock;
        this.appended = appended;
        this.metrics = new CommitMetrics(registry);
        this.encoder = new GroupEncoder(
                options.batchReadings(), BATCH_BYTES_MAX, new ChannelClasses(options.classes()), keeper);
        this.letterLane = new LetterLane(
                options.queue().bytes() / LETTER_SHARE, options.deadLetterRate().bytes(), clock.monotonicNs());
        metrics.queue(this::queuedBytes, options.queue().bytes());
        metrics.letterQueue(this::letterBytes);
        metrics.outbox(outbox::stats, options.maxBytes().bytes());
    }

    public void start() {
        Thread committer = new Thread(this::run, "outbox-commit");
        committer.setDaemon(true);
        committer.start();
        thread = committer;
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        enqueue(Waiting.readings(source, batch, durability, clock, receipt));
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        int max = options.deadLetterBytesMax().intBytes();
        byte[] kept = payload.length <= max ? payload : Arrays.copyOf(payload, max);
        enqueue(Waiting.letter(new DeadLetter(clock.wallNs(), source, cause, detail, kept), receipt));
    }

    private void enqueue(Waiting waiting) {
        Refusal refusal = null;
        synchronized (lock) {
            if (waiting.bytes() > Math.min(TAKE_BYTES_MAX, options.queue().bytes())) {
                refusal = new Refusal(
                        "too-large",
                        waiting.readings() + " readings take " + waiting.bytes() + " bytes, expected at most "
                                + Math.min(TAKE_BYTES_MAX, options.queue().bytes()) + " at a time",
                        -1);
            } else if (stopping || thread == null) {
                refusal = new Refusal("stopping", "the agent is shutting down", RETRY_MILLIS);
            } else if (waiting.letter() != null) {
                if (letterLane.add(waiting)) {
                    lock.notifyAll();
                } else {
                    refusal = new Refusal("queue-full", "dead letters of this source wait", RETRY_MILLIS / 10);
                }
            } else if (queuedBytes + waiting.bytes() > options.queue().bytes()) {
                refusal = new Refusal("queue-full", queuedBytes + " bytes wait for their sync", RETRY_MILLIS / 10);
            } else {
                queue.add(waiting);
                queuedBytes += waiting.bytes();
                lock.notifyAll();
            }
        }
        if (refusal != null) {
            metrics.refused.labelValues(waiting.source(), refusal.cause()).inc(waiting.readings());
            waiting.receipt().refused(refusal);
        } else if (waiting.isTold()) {
            waiting.receipt().taken();
        }
    }

    private long letterBytes() {
        synchronized (lock) {
            return letterLane.bytes();
        }
    }

    private long queuedBytes() {
        synchronized (lock) {
            return queuedBytes;
        }
    }

    // ---- the committer ----

    private void run() {
        List<Waiting> group = new ArrayList<>();
        while (next(group)) {
            if (!group.isEmpty()) {
                commit(group);
                group.clear();
            }
            syncWritten();
        }
        syncWritten();
    }

    /** @return false at the end */
    private boolean next(List<Waiting> group) {
        synchronized (lock) {
            try {
                while (queue.isEmpty()) {
                    letterLane.refill(clock.monotonicNs());
                    long pause = letterLane.pauseNs();
                    if (!letterLane.isEmpty() && (stopping || pause == 0)) {
                        break;
                    } else if (!letterLane.isEmpty()) {
                        lock.wait(pause / 1_000_000 + 1);
                    } else if (stopping) {
                        return false;
                    } else if (unsynced) {
                        lock.wait(SYNC_WRITTEN_NS / 1_000_000);
                        if (queue.isEmpty()) {
                            return true;
                        }
                    } else {
                        lock.wait();
                    }
                }
                linger();
            } catch (InterruptedException e) {
                LOG.debug("interrupted: finishing", e);
                stopping = true;
            }
            group.addAll(queue);
            letterLane.take(group, clock.monotonicNs(), stopping);
            queue.clear();
            queuedBytes = 0;
            return true;
        }
    }

    private void linger() throws InterruptedException {
        long until = clock.monotonicNs() + options.linger().toNanos();
        while (!stopping && queuedBytes < Math.min(options.queue().bytes() / 4, BATCH_BYTES_MAX)) {
            long left = until - clock.monotonicNs();
            if (left <= 0) {
                return;
            }
            lock.wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    private void commit(List<Waiting> group) {
        long began = clock.monotonicNs();
        boolean sync = false;
        List<DeadLetter> letters = new ArrayList<>();
        for (Waiting waiting : group) {
            sync |= waiting.durability() == Durability.SYNCED;
            if (waiting.letter() != null) {
                letters.add(waiting.letter());
            }
        }
        List<EncodedBatch> batches;
        try {
            batches = encoder.encode(group);
        } catch (IllegalArgumentException e) {
            commitOneByOne(group, e);
            return;
        }
        try {
            outbox.append(batches, letters, sync);
        } catch (OutboxFullException e) {
            refuseReadings(group, letters, e);
            return;
        } catch (OutboxException e) {
            tellFailing(e);
            refuse(group, new Refusal("storage-failed", String.valueOf(e.getMessage()), RETRY_MILLIS));
            return;
        }
        if (failing) {
            failing = false;
            LOG.info("the outbox can be written again");
        }
        unsynced = !sync;
        if (sync) {
            syncedNs = clock.monotonicNs();
        }
        metrics.groups.inc();
        metrics.batches.inc(batches.size());
        for (EncodedBatch batch : batches) {
            metrics.batchBytes.inc(batch.bytes().length);
        }
        metrics.commitSeconds.observe((clock.monotonicNs() - began) / 1e9);
        for (Waiting waiting : group) {
            count(waiting);
            waiting.taken();
        }
        appended.run();
    }

    /** What cannot be encoded is refused by itself: it must not take others with it, nor the committer. */
    private void commitOneByOne(List<Waiting> group, IllegalArgumentException cause) {
        if (group.size() == 1) {
            LOG.debug("readings of source {} cannot be encoded", group.get(0).source(), cause);
            refuse(group, new Refusal("unencodable", String.valueOf(cause.getMessage()), -1));
            return;
        }
        for (Waiting waiting : group) {
            commit(List.of(waiting));
        }
    }

    private void count(Waiting waiting) {
        DeadLetter letter = waiting.letter();
        if (letter == null) {
            metrics.taken.labelValues(waiting.source()).inc(waiting.readings());
        } else {
            metrics.letters.labelValues(letter.source(), letter.cause()).inc();
        }
    }

    /** The letters are small and still go in; the readings come again later. */
    private void refuseReadings(List<Waiting> group, List<DeadLetter> letters, OutboxFullException full) {
        Refusal refusal = new Refusal("outbox-full", String.valueOf(full.getMessage()), RETRY_MILLIS);
        refuse(group.stream().filter(each -> each.letter() == null).toList(), refusal);
        List<Waiting> lettered =
                group.stream().filter(each -> each.letter() != null).toList();
        if (lettered.isEmpty()) {
            return;
        }
        try {
            outbox.append(List.of(), letters, true);
            for (Waiting waiting : lettered) {
                count(waiting);
                waiting.taken();
            }
        } catch (OutboxException | OutboxFullException e) {
            tellFailing(e);
            refuse(lettered, new Refusal("storage-failed", String.valueOf(e.getMessage()), RETRY_MILLIS));
        }
    }

    private void refuse(List<Waiting> group, Refusal refusal) {
        for (Waiting waiting : group) {
            (waiting.isTold() ? metrics.lost : metrics.refused)
                    .labelValues(waiting.source(), refusal.cause())
                    .inc(waiting.readings());
            waiting.refused(refusal);
        }
    }

    private void tellFailing(Exception cause) {
        if (!failing) {
            LOG.error("nothing is acknowledged until the outbox can be written again: {}", cause.getMessage());
        }
        failing = true;
    }

    /** Bounds what power loss takes from sources with durability {@code written}. */
    private void syncWritten() {
        if (!unsynced || (clock.monotonicNs() - syncedNs < SYNC_WRITTEN_NS && !isStopping())) {
            return;
        }
        try {
            outbox.sync();
            unsynced = false;
            syncedNs = clock.monotonicNs();
            appended.run();
        } catch (OutboxException e) {
            tellFailing(e);
        }
    }

    private boolean isStopping() {
        synchronized (lock) {
            return stopping;
        }
    }

    /** Readings refused since the start, by cause. */
    public Map<String, Long> refused() {
        Map<String, Long> byCause = new TreeMap<>();
        for (var point : metrics.refused.collect().getDataPoints()) {
            String cause = point.getLabels().get("cause");
            if (cause != null) {
                byCause.merge(cause, (long) point.getValue(), Long::sum);
            }
        }
        return byCause;
    }

    /** True while the last write failed. */
    public boolean isFailing() {
        return failing;
    }

    /** Refuses what comes, commits what waits, ends. May be called twice. */
    @Override
    public void close() {
        Thread committer;
        synchronized (lock) {
            stopping = true;
            lock.notifyAll();
            committer = thread;
        }
        if (committer != null) {
            try {
                committer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
