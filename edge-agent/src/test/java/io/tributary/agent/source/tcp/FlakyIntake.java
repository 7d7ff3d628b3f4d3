package io.tributary.agent.source.tcp;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers on a thread of its own, and refuses at random for later: before or after it thought about it. */
final class FlakyIntake implements Intake, AutoCloseable {
    private final ExecutorService committer = Executors.newSingleThreadExecutor();
    private final SplittableRandom random;
    private final double refusals;
    private final List<Batch> taken = new ArrayList<>();
    private final List<String> letters = new ArrayList<>();

    FlakyIntake(long seed, double refusals) {
        this.random = new SplittableRandom(seed);
        this.refusals = refusals;
    }

    private synchronized boolean refuses() {
        return random.nextDouble() < refusals;
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        answer(receipt, () -> taken.add(batch));
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        answer(receipt, () -> letters.add(cause + ": " + detail));
    }

    private void answer(Receipt receipt, Runnable keep) {
        Refusal refusal = new Refusal("queue-full", "by chance", 1);
        if (refuses()) {
            receipt.refused(refusal);
            return;
        }
        committer.execute(() -> {
            if (refuses()) {
                receipt.refused(refusal);
                return;
            }
            synchronized (this) {
                keep.run();
            }
            receipt.taken();
        });
    }

    synchronized List<Batch> taken() {
        return List.copyOf(taken);
    }

    synchronized long readings() {
        return taken.stream().mapToLong(Batch::readingCount).sum();
    }

    synchronized List<String> letters() {
        return List.copyOf(letters);
    }

    @Override
    public void close() {
        committer.shutdown();
    }
}
