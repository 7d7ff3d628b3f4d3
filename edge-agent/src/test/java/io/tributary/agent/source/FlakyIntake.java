package io.tributary.agent.source;

import io.tributary.model.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * Answers on a thread of its own, and refuses at random for later: before or after it thought about it. What {@link
 * #refuseForGood} names it never takes.
 */
public final class FlakyIntake implements Intake, AutoCloseable {
    private static final Refusal LATER = new Refusal("queue-full", "by chance", 1);
    private static final Refusal NEVER = new Refusal("too-large", "by rule", -1);

    private final ExecutorService committer = Executors.newSingleThreadExecutor();
    private final SplittableRandom random;
    private final List<Batch> taken = new ArrayList<>();
    private final List<String> letters = new ArrayList<>();
    private volatile double refusals;
    private volatile Predicate<Batch> poison = batch -> false;

    public FlakyIntake(long seed, double refusals) {
        this.random = new SplittableRandom(seed);
        this.refusals = refusals;
    }

    private synchronized boolean refuses() {
        return random.nextDouble() < refusals;
    }

    /** 1 refuses everything for later. */
    public void refusals(double share) {
        refusals = share;
    }

    public void refuseForGood(Predicate<Batch> rule) {
        poison = rule;
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        if (poison.test(batch)) {
            receipt.refused(NEVER);
            return;
        }
        answer(receipt, () -> taken.add(batch));
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        answer(receipt, () -> letters.add(cause + ": " + detail));
    }

    private void answer(Receipt receipt, Runnable keep) {
        if (refuses()) {
            receipt.refused(LATER);
            return;
        }
        committer.execute(() -> {
            if (refuses()) {
                receipt.refused(LATER);
                return;
            }
            synchronized (this) {
                keep.run();
            }
            receipt.taken();
        });
    }

    public synchronized List<Batch> taken() {
        return List.copyOf(taken);
    }

    public synchronized long readings() {
        return taken.stream().mapToLong(Batch::readingCount).sum();
    }

    public synchronized List<String> letters() {
        return List.copyOf(letters);
    }

    @Override
    public void close() {
        committer.shutdown();
    }
}
