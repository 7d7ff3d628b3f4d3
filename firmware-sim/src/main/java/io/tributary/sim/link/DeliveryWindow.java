package io.tributary.sim.link;

import java.io.Flushable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is not settled yet, in order, and where the threads of a link meet: the caller adds, the writer takes, the reader
 * settles.
 *
 * <pre>
 *              add              take               settled
 *   caller ---------> QUEUED ---------> IN_FLIGHT ---------> gone
 *                       ^  connection lost  |  retry
 *                       +-------------------+--------> RETRY
 *                       +-- nothing in flight, time over --+
 * </pre>
 *
 * A RETRY holds back everything until what was in flight is answered: rows of one device and event time must not
 * overtake each other more than the pipeline makes unavoidable.
 */
final class DeliveryWindow {
    private final int capacity;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final Deque<Delivery> window = new ArrayDeque<>();
    private boolean closed;
    private @Nullable IOException failure;
    private @Nullable Connection connection;
    private int inFlight;
    private boolean draining;
    private long holdUntilNanos;
    private long progressNanos;

    DeliveryWindow(int capacity, LongSupplier nanoTime) {
        this.capacity = capacity;
        this.nanoTime = nanoTime;
        this.progressNanos = nanoTime.getAsLong();
    }

    // --- caller ---

    /** Waits until there is room for one more. */
    void awaitRoom() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (window.size() >= capacity && !isOver()) {
                changed.await();
            }
            throwIfOver();
        } finally {
            lock.unlock();
        }
    }

    void add(Delivery delivery) {
        lock.lock();
        try {
            if (window.isEmpty()) {
                progressNanos = nanoTime.getAsLong();
            }
            window.add(delivery);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything is settled; false when the time is over first. */
    boolean awaitEmpty(Duration atMost) throws IOException, InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (!window.isEmpty() && !isOver()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            throwIfOver();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        return closed || failure != null;
    }

    private void throwIfOver() throws IOException {
        if (failure != null) {
            throw new LinkFailedException(String.valueOf(failure.getMessage()), failure);
        } else if (closed) {
            throw new LinkFailedException("the link is closed", new IOException("closed"));
        }
    }

    /** Ends all waiting, and the present connection. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (connection != null) {
                connection.breakOff();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is taken any more. */
    void fail(IOException cause) {
        lock.lock();
        try {
            failure = failure == null ? cause : failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What is not settled, in order. */
    List<Delivery> rest() {
        lock.lock();
        try {
            return new ArrayList<>(window);
        } finally {
            lock.unlock();
        }
    }

    // --- writer ---

    /** Waits until there is something to send; false when it is over. */
    boolean awaitWork() {
        lock.lock();
        try {
            while (!isOver() && window.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return !isOver();
        } finally {
            lock.unlock();
        }
    }

    /** ns since something was settled, or since there was something to settle. */
    long sinceProgressNanos() {
        lock.lock();
        try {
            return nanoTime.getAsLong() - progressNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, or until it is over. */
    void pause(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (left > 0 && !isOver()) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Begins with a fresh connection: everything is to be sent, again or for the first time; false when it is over. */
    boolean opened(Connection fresh) {
        lock.lock();
        try {
            if (isOver()) {
                return false;
            }
            connection = fresh;
            inFlight = 0;
            draining = false;
            for (Delivery delivery : window) {
                if (delivery.state == Delivery.State.RETRY) {
                    draining = true;
                } else {
                    delivery.state = Delivery.State.QUEUED;
                }
            }
            fresh.waitingSinceNanos = nanoTime.getAsLong();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The connection's error, once both threads are done with it; null when it ended because the link did. */
    @Nullable
    IOException ended(Connection old) {
        lock.lock();
        try {
            connection = null;
            return isOver() ? null : old.error;
        } finally {
            lock.unlock();
        }
    }

    /** The next delivery to write; null when the connection or the link is over. Flushes before it waits. */
    @Nullable
    Delivery take(Connection open, Flushable out) throws IOException, InterruptedException {
        Delivery next = poll(open);
        if (next != null) {
            return next;
        }
        out.flush();
        lock.lockInterruptibly();
        try {
            while (!isOver() && !open.broken) {
                next = next();
                if (next != null) {
                    depart(next, open);
                    return next;
                }
                awaitChange();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Delivery poll(Connection open) {
        lock.lock();
        try {
            Delivery next = isOver() || open.broken ? null : next();
            if (next != null) {
                depart(next, open);
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Delivery next() {
        if (draining && !endDraining()) {
            return null;
        }
        for (Delivery delivery : window) {
            if (delivery.state == Delivery.State.QUEUED) {
                return delivery;
            }
        }
        return null;
    }

    private boolean endDraining() {
        if (inFlight > 0 || holdUntilNanos - nanoTime.getAsLong() > 0) {
            return false;
        }
        for (Delivery delivery : window) {
            delivery.state = Delivery.State.QUEUED;
        }
        draining = false;
        return true;
    }

    private void depart(Delivery delivery, Connection open) {
        if (inFlight++ == 0) {
            open.waitingSinceNanos = nanoTime.getAsLong();
        }
        delivery.attempts++;
        delivery.state = Delivery.State.IN_FLIGHT;
    }

    private void awaitChange() throws InterruptedException {
        long hold = holdUntilNanos - nanoTime.getAsLong();
        if (draining && inFlight == 0 && hold > 0) {
            // Whether it was woken or the time is over, the caller looks again.
            boolean unused = changed.await(hold, TimeUnit.NANOSECONDS);
        } else {
            changed.await();
        }
    }

    // --- reader ---

    /** Rows before {@code toRow} are settled. */
    void settled(Delivery delivery, int toRow, Connection open) {
        lock.lock();
        try {
            progressNanos = nanoTime.getAsLong();
            open.waitingSinceNanos = progressNanos;
            delivery.settledRows = toRow;
            if (toRow == delivery.rowCount()) {
                window.remove(delivery);
                inFlight--;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The agent wants it again. */
    void retry(Delivery delivery, long afterMillis, Connection open) {
        lock.lock();
        try {
            open.waitingSinceNanos = nanoTime.getAsLong();
            long until = open.waitingSinceNanos + TimeUnit.MILLISECONDS.toNanos(afterMillis);
            holdUntilNanos = draining && holdUntilNanos - until > 0 ? holdUntilNanos : until;
            draining = true;
            delivery.state = Delivery.State.RETRY;
            inFlight--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Keeps the first of the two threads' errors: the other one only finds the socket closed. */
    void broken(Connection open, IOException error) {
        lock.lock();
        try {
            open.error = open.error == null ? error : open.error;
            open.broken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        open.breakOff();
    }

    void throwIfStalled(Connection open, Duration patience) throws SocketTimeoutException {
        lock.lock();
        try {
            long waited = nanoTime.getAsLong() - open.waitingSinceNanos;
            if (inFlight > 0 && waited > patience.toNanos()) {
                throw new SocketTimeoutException("no answer for " + patience.toMillis() + " ms");
            }
        } finally {
            lock.unlock();
        }
    }
}
