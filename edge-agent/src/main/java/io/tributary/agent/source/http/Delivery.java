package io.tributary.agent.source.http;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.http.ProblemException;
import io.tributary.model.Batch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands readings in and waits until they are safe, or says as an HTTP status why not. Any thread; blocks. */
final class Delivery {
    private final String source;
    private final Durability durability;
    private final Intake intake;
    private final Duration timeout;

    Delivery(String source, Durability durability, Intake intake, Duration timeout) {
        this.source = source;
        this.durability = durability;
        this.intake = intake;
        this.timeout = timeout;
    }

    /** @throws ProblemException 503 to come again, 413 or 422 when it would be refused again */
    void take(Batch batch) {
        await(receipt -> intake.take(source, batch, durability, receipt));
    }

    /** @throws ProblemException as {@link #take} */
    void deadLetter(String cause, String detail, byte[] payload) {
        await(receipt -> intake.deadLetter(source, cause, detail, payload, receipt));
    }

    private void await(Consumer<Receipt> handIn) {
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
        Refusal refusal;
        try {
            refusal = told.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw later("the readings are not safe yet after " + timeout + "; sending them again does no harm", 5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw later("the agent is shutting down", 5);
        } catch (ExecutionException e) {
            throw new IllegalStateException("BUG: a receipt does not fail", e);
        }
        if (refusal != null) {
            throw problem(refusal);
        }
    }

    private static ProblemException problem(Refusal refusal) {
        String detail = refusal.cause() + ": " + refusal.detail();
        if (!refusal.isPermanent()) {
            return later(detail, (refusal.retryAfterMillis() + 999) / 1000);
        }
        return refusal.cause().equals("too-large")
                ? new ProblemException(413, "Too large", detail)
                : new ProblemException(422, "Not storable", detail);
    }

    private static ProblemException later(String detail, long seconds) {
        return new ProblemException(503, "Not now", detail)
                .withHeader("Retry-After", String.valueOf(Math.max(1, seconds)));
    }
}
