package io.tributary.collector.rpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.TimeUnit;

/**
 * The answering side of a streaming call: a worker that sends more than the client takes waits here. Sending is the
 * worker's; readiness and cancellation are told by gRPC's thread.
 */
final class PacedCall<T> {
    private final ServerCallStreamObserver<T> call;
    private final long stallNanos;
    private final Object lock = new Object();
    /** Guarded by lock. */
    private Runnable cancelled = () -> {};

    /** @param stallNanos how long the client may take nothing */
    PacedCall(ServerCallStreamObserver<T> call, long stallNanos) {
        this.call = call;
        this.stallNanos = stallNanos;
        call.setOnReadyHandler(this::wake);
        call.setOnCancelHandler(this::cancel);
    }

    /** Runs when the client goes away; at once when it has. */
    void onCancel(Runnable action) {
        synchronized (lock) {
            cancelled = action;
        }
        if (call.isCancelled()) {
            action.run();
        }
    }

    private void cancel() {
        Runnable action;
        synchronized (lock) {
            action = cancelled;
            lock.notifyAll();
        }
        action.run();
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    boolean isCancelled() {
        return call.isCancelled();
    }

    /** Sends a message, once there is room for it. */
    void send(T message) {
        long deadline = System.nanoTime() + stallNanos;
        synchronized (lock) {
            while (!call.isReady() && !call.isCancelled()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw Status.CANCELLED
                            .withDescription("the client has taken nothing for "
                                    + TimeUnit.NANOSECONDS.toMillis(stallNanos) + " ms")
                            .asRuntimeException();
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw Status.UNAVAILABLE
                            .withDescription("the collector is closing")
                            .asRuntimeException();
                }
            }
        }
        if (call.isCancelled()) {
            throw Status.CANCELLED.withDescription("the client went away").asRuntimeException();
        }
        call.onNext(message);
    }

    void complete() {
        call.onCompleted();
    }

    void fail(Throwable status) {
        call.onError(status);
    }
}
