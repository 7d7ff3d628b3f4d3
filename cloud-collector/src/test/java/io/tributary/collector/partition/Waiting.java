package io.tributary.collector.partition;

import java.util.concurrent.CompletableFuture;

/** For tests that append and wait until that is durable. */
public final class Waiting implements AppendCallback {
    private final CompletableFuture<Long> result = new CompletableFuture<>();

    @Override
    public void durable(long collectorTimeNs) {
        result.complete(collectorTimeNs);
    }

    @Override
    public void failed(Throwable cause) {
        result.completeExceptionally(cause);
    }

    /** The collector time; a failure is thrown. */
    public long join() {
        return result.join();
    }
}
