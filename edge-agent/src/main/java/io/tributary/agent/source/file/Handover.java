package io.tributary.agent.source.file;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands in and waits, as often as it takes: the file waits meanwhile. Of the source's thread. */
final class Handover {
    private final String source;
    private final Durability durability;
    private final Intake intake;
    private final CountDownLatch closing;

    Handover(String source, Durability durability, Intake intake, CountDownLatch closing) {
        this.source = source;
        this.durability = durability;
        this.intake = intake;
        this.closing = closing;
    }

    /** The source is closing, and the intake has not taken it. */
    static final class NotTaken extends Exception {
        private static final long serialVersionUID = 1L;

        NotTaken() {
            super("the source is closing", null, false, false);
        }
    }

    /** @return null when it is taken, else why it never will be */
    @Nullable
    Refusal take(Batch batch) throws NotTaken, InterruptedException {
        return untilTold(receipt -> intake.take(source, batch, durability, receipt));
    }

    /** @return null when it is kept, else why it never will be */
    @Nullable
    Refusal deadLetter(String cause, String detail, byte[] payload) throws NotTaken, InterruptedException {
        return untilTold(receipt -> intake.deadLetter(source, cause, detail, payload, receipt));
    }

    private @Nullable Refusal untilTold(Consumer<Receipt> handIn) throws NotTaken, InterruptedException {
        while (true) {
            Refusal refusal = told(handIn);
            if (refusal == null || refusal.isPermanent()) {
                return refusal;
            }
            if (closing.await(refusal.retryAfterMillis(), TimeUnit.MILLISECONDS)) {
                throw new NotTaken();
            }
        }
    }

    private static @Nullable Refusal told(Consumer<Receipt> handIn) throws InterruptedException {
        CompletableFuture<@Nullable Refusal> told = new CompletableFuture<>();
        handIn.accept(new Receipt() {
            @Override
            public void taken() {
                told.complete(null);
            }

            @Override
            public void refused(Refusal refusal) {
                told.complete(refusal);
            }
        });
        try {
            return told.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("BUG: a receipt does not fail", e);
        }
    }
}
