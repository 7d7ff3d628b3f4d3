package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the agent at a time, remade when it breaks, with a writer and a reader thread. Deliveries stay in
 * the window until every row is settled; a new connection sends all of it again.
 */
final class TcpLink implements Lane {
    private static final Logger LOG = LoggerFactory.getLogger(TcpLink.class);
    private static final int POLL_MILLIS = 500;
    private static final int CONNECT_MILLIS = 5000;
    private static final int DOUBLINGS_MAX = 20;

    private final String name;
    private final LinkOptions options;
    private final Wire wire;
    private final DeliveryLog log;
    private final LinkCounters counters;
    private final RandomGenerator random;
    private final DeliveryWindow window;
    private final Thread writer;
    private boolean started;
    private boolean closed;
    /** Attempts since the last answer. */
    private final AtomicInteger failedAttempts = new AtomicInteger();

    TcpLink(
            String name,
            LinkOptions options,
            Wire wire,
            DeliveryLog log,
            LinkCounters counters,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.name = name;
        this.options = options;
        this.wire = wire;
        this.log = log;
        this.counters = counters;
        this.random = random;
        this.window = new DeliveryWindow(options.windowDeliveries(), nanoTime);
        this.writer = thread("writer", this::run);
    }

    private Thread thread(String role, Runnable task) {
        Thread thread = new Thread(task, name + "-" + role);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public synchronized void start() {
        if (!started && !closed) {
            started = true;
            writer.start();
        }
    }

    @Override
    public void send(long id, List<Row> rows) throws IOException, InterruptedException {
        Delivery delivery = new Delivery(id, rows, wire.encode(id, rows));
        window.awaitRoom();
        log.sending(id, rows);
        counters.handedOver.add(delivery.readings(0, delivery.rowCount()));
        window.add(delivery);
    }

    @Override
    public boolean drain(Duration atMost) throws IOException, InterruptedException {
        return window.awaitEmpty(atMost);
    }

    @Override
    public synchronized void close() throws IOException {
        window.close();
        if (closed) {
            return;
        }
        closed = true;
        if (started) {
            join(writer);
        }
        for (Delivery delivery : window.rest()) {
            long readings = delivery.readings(delivery.settledRows, delivery.rowCount());
            if (delivery.attempts == 0) {
                counters.unsent.add(readings);
                log.settled(delivery.id(), 0, delivery.rowCount(), DeliveryLog.Result.UNSENT);
            } else {
                counters.inDoubt.add(readings);
            }
        }
    }

    /** To the end, which is near: an interrupt is kept for later. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- writer thread ---

    private void run() {
        try {
            while (window.awaitWork()) {
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
        } catch (InterruptedException e) {
            window.fail(new IOException(name + " was interrupted", e));
        }
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        Connection open = new Connection(socket);
        OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
        InputStream in = new BufferedInputStream(
                open.patientInput(() -> window.throwIfStalled(open, options.progressTimeout())), 16 << 10);
        Wire.Session session = wire.open(in, out);
        if (!window.opened(open)) {
            return;
        }
        counters.connections.increment();
        Thread reader = thread("reader", () -> read(session, open));
        reader.start();
        try {
            for (Delivery next = window.take(open, out); next != null; next = window.take(open, out)) {
                if (next.attempts > 1) {
                    counters.resent.add(next.readings(next.settledRows, next.rowCount()));
                }
                session.write(next, next.settledRows);
            }
        } catch (IOException e) {
            window.broken(open, e);
        } finally {
            open.breakOff();
            join(reader);
        }
        IOException error = window.ended(open);
        if (error != null) {
            throw error;
        }
    }

    /** Backs off: a random time up to a bound that doubles (full jitter), or gives up. */
    private void lost(IOException cause) throws InterruptedException {
        int attempts = failedAttempts.getAndIncrement();
        long bound = Math.min(
                options.backoffMax().toNanos(), options.backoffBase().toNanos() << Math.min(DOUBLINGS_MAX, attempts));
        long wait = bound <= 0 ? 0 : random.nextLong(bound) + 1;
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (attempts == 0) {
            LOG.warn("lost {}: {}; connecting again", options.target(), message);
        }
        Duration giveUpAfter = options.giveUpAfter();
        if (giveUpAfter != null) {
            long left = giveUpAfter.toNanos() - window.sinceProgressNanos();
            if (left <= 0) {
                window.fail(new IOException(
                        "no progress at " + options.target() + " for " + giveUpAfter.toMillis() + " ms: " + message,
                        cause));
            }
            wait = Math.min(wait, left);
        }
        window.pause(wait);
    }

    // --- reader thread ---

    private void read(Wire.Session session, Connection open) {
        try {
            while (true) {
                for (Wire.Outcome outcome : session.read()) {
                    failedAttempts.set(0);
                    if (outcome.kind() == Wire.Outcome.Kind.RETRY) {
                        counters.retryReplies.increment();
                        window.retry(outcome.delivery(), outcome.retryAfterMillis(), open);
                    } else {
                        record(outcome);
                        window.settled(outcome.delivery(), outcome.toRow(), open);
                    }
                }
            }
        } catch (EOFException e) {
            window.broken(open, new IOException("closed by the agent", e));
        } catch (IOException e) {
            window.broken(open, e);
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
            // Without its ledger the account is worth nothing.
            window.fail(e);
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
}
