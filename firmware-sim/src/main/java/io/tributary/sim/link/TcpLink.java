package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the agent at a time, remade when it breaks. Deliveries stay in the window, in order, until every row
 * is settled; a new connection sends all of it again.
 *
 * <pre>
 *            send             written             reply ACCEPTED, REJECTED
 *   caller ---------> QUEUED ---------> IN_FLIGHT ------------------------> gone
 *                       ^  connection lost  |  reply RETRY
 *                       +-------------------+----------------> RETRY
 *                       +------ nothing in flight, time over ----+
 * </pre>
 *
 * A RETRY holds back everything until what was in flight is answered: rows of one device and event time must not
 * overtake each other more than the pipeline makes unavoidable.
 */
final class TcpLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpLink.class);
    private static final int POLL_MILLIS = 500;
    private static final int CONNECT_MILLIS = 5000;

    private final LinkOptions options;
    private final Wire wire;
    private final DeliveryLog log;
    private final LinkCounters counters;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Thread writer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final Deque<Delivery> window = new ArrayDeque<>();
    private boolean started;
    private boolean closed;
    private @Nullable IOException failure;
    private @Nullable Connection connection;
    private boolean draining;
    private long holdUntilNanos;
    private long progressNanos;
    private int failedAttempts;

    TcpLink(
            String name,
            LinkOptions options,
            Wire wire,
            DeliveryLog log,
            LinkCounters counters,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.options = options;
        this.wire = wire;
        this.log = log;
        this.counters = counters;
        this.nanoTime = nanoTime;
        this.random = random;
        this.writer = new Thread(this::run, name + "-writer");
        writer.setDaemon(true);
    }

    void start() {
        lock.lock();
        try {
            if (!started && !closed) {
                started = true;
                writer.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Blocks while the window is full. One calling thread. */
    void send(long id, List<Row> rows) throws IOException, InterruptedException {
        Delivery delivery = new Delivery(id, rows, wire.encode(id, rows));
        lock.lockInterruptibly();
        try {
            while (window.size() >= options.windowDeliveries() && failure == null && !closed) {
                changed.await();
            }
            throwIfOver();
        } finally {
            lock.unlock();
        }
        log.sending(id, rows);
        counters.handedOver.add(delivery.readings(0, delivery.rowCount()));
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
    boolean drain(Duration atMost) throws IOException, InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (!window.isEmpty() && failure == null && !closed) {
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

    private void throwIfOver() throws IOException {
        if (failure != null) {
            throw new LinkFailedException(String.valueOf(failure.getMessage()), failure);
        } else if (closed) {
            throw new LinkFailedException("the link is closed", new IOException("closed"));
        }
    }

    /** Stops at once; what is not settled is recorded as unsent, or is in doubt. */
    @Override
    public void close() throws IOException {
        Connection open;
        boolean first;
        lock.lock();
        try {
            first = !closed;
            closed = true;
            open = connection;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.breakOff();
        }
        if (first) {
            joinWriter();
            settleRest();
        }
    }

    private void joinWriter() {
        boolean interrupted = false;
        while (started && writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** No other thread is left. */
    private void settleRest() throws IOException {
        for (Delivery delivery : window) {
            long readings = delivery.readings(delivery.settledRows, delivery.rowCount());
            if (delivery.attempts == 0) {
                counters.unsent.add(readings);
                log.settled(delivery.id(), 0, delivery.rowCount(), DeliveryLog.Result.UNSENT);
            } else {
                counters.inDoubt.add(readings);
            }
        }
    }

    // --- writer thread ---

    private void run() {
        while (awaitWork()) {
            try (Socket socket = new Socket()) {
                socket.setTcpNoDelay(true);
                // Abandoned bytes shall not reach the agent after those of the next connection.
                socket.setSoLinger(true, 0);
                socket.setSoTimeout(POLL_MILLIS);
                socket.connect(
                        new InetSocketAddress(
                                options.target().host(), options.target().port()),
                        CONNECT_MILLIS);
                serve(socket);
            } catch (IOException e) {
                lost(e);
            }
        }
    }

    /** True when there is something to send and its time has come. */
    private boolean awaitWork() {
        lock.lock();
        try {
            while (!closed && failure == null && window.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return !closed && failure == null;
        } finally {
            lock.unlock();
        }
    }

    private void serve(Socket socket) throws IOException {
        OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
        Connection open = new Connection(socket);
        InputStream in = new BufferedInputStream(new PatientInput(socket.getInputStream(), open), 16 << 10);
        Wire.Session session = wire.open(in, out);
        opened(open);
        Thread reader = new Thread(() -> read(session, open), writer.getName().replace("writer", "reader"));
        reader.setDaemon(true);
        reader.start();
        try {
            for (Delivery next = take(open, out); next != null; next = take(open, out)) {
                session.write(next, next.settledRows);
            }
        } catch (IOException e) {
            broken(open, e);
        }
        open.breakOff();
        join(reader);
        lock.lock();
        try {
            connection = null;
            if (open.error != null && !closed) {
                throw open.error;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Keeps the first of the two threads' errors: the other one only finds the socket closed. */
    private void broken(Connection open, IOException error) {
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

    private static void join(Thread reader) {
        while (reader.isAlive()) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                LOG.debug("{} is interrupted by nobody of this program", reader.getName(), e);
            }
        }
    }

    private void opened(Connection open) throws IOException {
        counters.connections.increment();
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the link is closed");
            }
            connection = open;
            draining = false;
            for (Delivery delivery : window) {
                if (delivery.state == Delivery.State.RETRY) {
                    draining = true;
                } else {
                    delivery.state = Delivery.State.QUEUED;
                }
            }
            open.waitingSinceNanos = nanoTime.getAsLong();
        } finally {
            lock.unlock();
        }
    }

    /** The next delivery to write; null when the connection or the link is over. Flushes before it waits. */
    private @Nullable Delivery take(Connection open, OutputStream out) throws IOException {
        boolean flushed = false;
        while (true) {
            lock.lock();
            try {
                if (closed || failure != null || open.broken) {
                    return null;
                }
                Delivery next = next();
                if (next != null) {
                    depart(next, open);
                    return next;
                }
                if (flushed) {
                    awaitChange();
                }
            } finally {
                lock.unlock();
            }
            if (!flushed) {
                out.flush();
                flushed = true;
            }
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
        if (inFlight() > 0 || holdUntilNanos - nanoTime.getAsLong() > 0) {
            return false;
        }
        for (Delivery delivery : window) {
            delivery.state = Delivery.State.QUEUED;
        }
        draining = false;
        return true;
    }

    private int inFlight() {
        int count = 0;
        for (Delivery delivery : window) {
            count += delivery.state == Delivery.State.IN_FLIGHT ? 1 : 0;
        }
        return count;
    }

    private void depart(Delivery delivery, Connection open) {
        if (inFlight() == 0) {
            open.waitingSinceNanos = nanoTime.getAsLong();
        }
        if (delivery.attempts++ > 0) {
            counters.resent.add(delivery.readings(delivery.settledRows, delivery.rowCount()));
        }
        delivery.state = Delivery.State.IN_FLIGHT;
    }

    /** Caller holds the lock. */
    private void awaitChange() {
        try {
            long hold = holdUntilNanos - nanoTime.getAsLong();
            if (draining && inFlight() == 0 && hold > 0) {
                boolean signalled = changed.await(hold, TimeUnit.NANOSECONDS);
                LOG.trace("retry held back, signalled {}", signalled);
            } else {
                changed.await();
            }
        } catch (InterruptedException e) {
            LOG.debug("{} is interrupted by nobody of this program", writer.getName(), e);
        }
    }

    /** Backs off: a random time up to a bound that doubles (full jitter), or gives up. */
    private void lost(IOException cause) {
        lock.lock();
        try {
            long bound = Math.min(
                    options.backoffMax().toNanos(), options.backoffBase().toNanos() << Math.min(20, failedAttempts));
            long wait = bound <= 0 ? 0 : random.nextLong(bound) + 1;
            if (failedAttempts++ == 0) {
                LOG.warn("lost {}: {}; connecting again", options.target(), describe(cause));
            }
            Duration giveUpAfter = options.giveUpAfter();
            if (giveUpAfter != null && failure == null) {
                long left = giveUpAfter.toNanos() - (nanoTime.getAsLong() - progressNanos);
                if (left <= 0) {
                    failure = new IOException(
                            options.target() + " gave no answer for " + giveUpAfter + ": " + describe(cause), cause);
                    changed.signalAll();
                }
                wait = Math.min(wait, Math.max(0, left));
            }
            while (wait > 0 && !closed && failure == null) {
                wait = changed.awaitNanos(wait);
            }
        } catch (InterruptedException e) {
            LOG.debug("{} is interrupted by nobody of this program", writer.getName(), e);
        } finally {
            lock.unlock();
        }
    }

    private static String describe(IOException cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    // --- reader thread ---

    private void read(Wire.Session session, Connection open) {
        try {
            while (true) {
                for (Wire.Outcome outcome : session.read()) {
                    apply(outcome, open);
                }
            }
        } catch (EOFException e) {
            broken(open, new IOException("closed by the agent", e));
        } catch (IOException e) {
            broken(open, e);
        }
    }

    private void apply(Wire.Outcome outcome, Connection open) throws IOException {
        if (outcome.kind() == Wire.Outcome.Kind.RETRY) {
            counters.retryReplies.increment();
        } else {
            record(outcome);
        }
        lock.lock();
        try {
            open.waitingSinceNanos = nanoTime.getAsLong();
            failedAttempts = 0;
            if (outcome.kind() == Wire.Outcome.Kind.RETRY) {
                long until = open.waitingSinceNanos + TimeUnit.MILLISECONDS.toNanos(outcome.retryAfterMillis());
                holdUntilNanos = draining && holdUntilNanos - until > 0 ? holdUntilNanos : until;
                draining = true;
                outcome.delivery().state = Delivery.State.RETRY;
            } else {
                progressNanos = open.waitingSinceNanos;
                outcome.delivery().settledRows = outcome.toRow();
                if (outcome.toRow() == outcome.delivery().rowCount()) {
                    window.remove(outcome.delivery());
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void record(Wire.Outcome outcome) throws IOException {
        boolean accepted = outcome.kind() == Wire.Outcome.Kind.ACCEPTED;
        long readings = outcome.delivery().readings(outcome.fromRow(), outcome.toRow());
        try {
            log.settled(
                    outcome.delivery().id(),
                    outcome.fromRow(),
                    outcome.toRow(),
                    accepted ? DeliveryLog.Result.ACCEPTED : DeliveryLog.Result.REJECTED);
        } catch (IOException e) {
            fail(e);
            throw e;
        }
        if (accepted) {
            counters.accepted.add(readings);
        } else {
            // A broken device may have every row refused: one line each would bury the rest.
            if (counters.rejected.sum() == 0) {
                LOG.warn("{} refuses {} readings for good: {}", options.target(), readings, outcome.message());
            }
            counters.rejected.add(readings);
        }
    }

    private void fail(IOException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void throwIfStalled(Connection open) throws SocketTimeoutException {
        lock.lock();
        try {
            long waited = nanoTime.getAsLong() - open.waitingSinceNanos;
            if (inFlight() > 0 && waited > options.progressTimeout().toNanos()) {
                throw new SocketTimeoutException("no answer for " + options.progressTimeout());
            }
        } finally {
            lock.unlock();
        }
    }

    /** One socket; fields are guarded by the lock of the link. */
    private static final class Connection {
        private final Socket socket;
        private boolean broken;
        private @Nullable IOException error;
        private long waitingSinceNanos;

        Connection(Socket socket) {
            this.socket = socket;
        }

        void breakOff() {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("closing {}", socket, e);
            }
        }
    }

    /** Read timeouts only ask whether there is progress; no byte is lost by them. */
    private final class PatientInput extends FilterInputStream {
        private final Connection open;

        PatientInput(InputStream in, Connection open) {
            super(in);
            this.open = open;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            while (true) {
                try {
                    return in.read(target, from, length);
                } catch (SocketTimeoutException e) {
                    throwIfStalled(open);
                }
            }
        }
    }
}
