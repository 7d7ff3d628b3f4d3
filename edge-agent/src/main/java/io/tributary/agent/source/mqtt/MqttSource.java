package io.tributary.agent.source.mqtt;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageFeed;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.mqtt.BrokerLink;
import io.tributary.process.Backoff;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscriber that acknowledges to the broker only what the outbox has synced.
 *
 * <pre>
 * broker -> Paho -> [ in flight, bounded ] -> decoder -> feed -> intake -> fsync -> PUBACK
 * </pre>
 *
 * <p>When the intake has no room the library's thread waits, so that the broker does; when its
 * patience ends the connection is given up, as the library cannot read the answers to its pings meanwhile. The broker keeps the session and
 * sends again what it got no PUBACK for.
 *
 * <p>Threads: {@code broker-NAME} connects and reconnects, {@code source-NAME} owns feeds and acknowledgements, Paho's
 * bring messages.
 */
public final class MqttSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(MqttSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    /** A connection that lasted this long was a good one: the next delay is short again. */
    private static final long STABLE_NS = TimeUnit.SECONDS.toNanos(10);

    private final MqttOptions options;
    private final MessageReader reader;
    private final Intake intake;
    private final Clock clock;
    private final MqttMetrics metrics;
    private final ArrivalStamps stamps;
    private final InFlightWindow window;
    private final Backoff backoff;

    private @Nullable ScheduledExecutorService worker;
    private @Nullable MessageFeeds feeds;
    private @Nullable Thread connector;
    private @Nullable SSLContext tls;

    // Guarded by lock.
    private final Object lock = new Object();
    private @Nullable Session session;
    private @Nullable BrokerLink connected;
    private @Nullable String lost;
    private boolean closing;

    /** Nothing more is taken: the broker keeps it. */
    private volatile boolean draining;

    // Of the connector.
    private boolean sessionKnown;
    private String lastFailure = "";

    public MqttSource(
            MqttOptions options,
            MessageReader reader,
            Intake intake,
            Clock clock,
            RandomGenerator random,
            MqttMetrics metrics) {
        this.options = options;
        this.reader = reader;
        this.intake = intake;
        this.clock = clock;
        this.metrics = metrics;
        this.stamps = new ArrivalStamps(clock);
        this.window = new InFlightWindow(options.inFlight(), options.inFlightBytes(), clock);
        this.backoff = new Backoff(options.reconnectMin(), options.reconnectMax(), random);
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public String endpoint() {
        return (options.tls() == null ? "mqtt://" : "mqtts://") + options.broker();
    }

    /** Does not wait for the broker: it may be started after the agent. */
    @Override
    public void start() throws IOException {
        tls = options.tls() == null ? null : options.tls().context();
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "source-" + options.name());
            thread.setDaemon(true);
            return thread;
        });
        worker = executor;
        feeds = new MessageFeeds(options.name(), options.durability(), intake, executor, options.inFlightBytes());
        metrics.connected.labelValues(options.name()).set(0);
        Thread thread = new Thread(() -> run(executor), "broker-" + options.name());
        thread.setDaemon(true);
        thread.start();
        connector = thread;
    }

    // ---- the connector ----

    private void run(ScheduledExecutorService executor) {
        while (!isClosing()) {
            long began = clock.monotonicNs();
            String why = connection(executor);
            if (clock.monotonicNs() - began >= STABLE_NS) {
                backoff.succeeded();
            }
            if (!isClosing()) {
                long delayNs = backoff.failed();
                tell(why, delayNs);
                pause(delayNs);
            }
        }
    }

    /** One connection from beginning to end. @return why it ended */
    private String connection(ScheduledExecutorService executor) {
        Session current = new Session(executor);
        BrokerLink link = null;
        try {
            link = BrokerLink.of(options.link(tls), current);
            synchronized (lock) {
                session = current;
                lost = null;
            }
            boolean present = link.connect();
            metrics.connects.labelValues(options.name()).inc();
            if (!present && sessionKnown) {
                metrics.lostSessions.labelValues(options.name()).inc();
                LOG.warn("source {}: {} has forgotten the session", options.name(), endpoint());
            }
            if (!present || !sessionKnown) {
                link.subscribe(options.filters(), options.qos(), options.retained());
            }
            sessionKnown = true;
            lastFailure = "";
            metrics.connected.labelValues(options.name()).set(1);
            synchronized (lock) {
                connected = link;
            }
            LOG.info("source {}: subscribed at {}", options.name(), endpoint());
            String why = awaitLost();
            metrics.lostConnections.labelValues(options.name()).inc();
            return why;
        } catch (IOException e) {
            metrics.connectFailures.labelValues(options.name()).inc();
            return String.valueOf(e.getMessage());
        } finally {
            metrics.connected.labelValues(options.name()).set(0);
            synchronized (lock) {
                connected = null;
            }
            current.end();
            if (link != null) {
                link.close();
            }
        }
    }

    private String awaitLost() {
        synchronized (lock) {
            while (lost == null && !closing) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    closing = true;
                }
            }
            return lost == null ? "closing" : lost;
        }
    }

    private void pause(long delayNs) {
        long until = clock.monotonicNs() + delayNs;
        synchronized (lock) {
            long left = delayNs;
            while (left > 0 && !closing) {
                try {
                    lock.wait(left / 1_000_000, (int) (left % 1_000_000));
                } catch (InterruptedException e) {
                    closing = true;
                }
                left = until - clock.monotonicNs();
            }
        }
    }

    /** The same failure again is told once. */
    private void tell(String why, long delayNs) {
        if (!why.equals(lastFailure)) {
            lastFailure = why;
            LOG.warn(
                    "source {}: no connection to {}: {}; next attempt in {} ms, and so on",
                    options.name(),
                    endpoint(),
                    why,
                    delayNs / 1_000_000);
        }
    }

    private boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    private void giveUp(Session of, String why) {
        synchronized (lock) {
            if (session == of && lost == null) {
                lost = why;
                lock.notifyAll();
            }
        }
    }

    // ---- messages ----

    /** What belongs to one connection. */
    private final class Session implements BrokerLink.Events {
        private final ScheduledExecutorService executor;
        private volatile boolean ended;
        /** Of the executor. */
        private @Nullable MessageFeed feed;

        Session(ScheduledExecutorService executor) {
            this.executor = executor;
        }

        @Override
        public void arrived(BrokerLink link, BrokerLink.Arrival arrival) {
            metrics.messages
                    .labelValues(options.name(), String.valueOf(arrival.qos()))
                    .inc();
            metrics.bytes.labelValues(options.name()).inc(arrival.payload().length);
            if (arrival.retained() && !options.retained()) {
                metrics.retainedIgnored.labelValues(options.name()).inc();
                onExecutor(() -> acknowledge(link, arrival));
                return;
            }
            long size = arrival.payload().length;
            long patienceMillis = options.patience().toMillis();
            if (!window.enter(size, patienceMillis, () -> ended || draining)) {
                stalled(arrival, patienceMillis);
                return;
            }
            long arrivalNs = stamps.next();
            MessageReader.Result read = reader.read(arrival.topic(), arrival.payload());
            if (!onExecutor(() -> add(link, arrival, read, arrivalNs))) {
                window.leave(size);
            }
        }

        private void stalled(BrokerLink.Arrival arrival, long patienceMillis) {
            if (arrival.qos() == 0) {
                metrics.dropped.labelValues(options.name()).inc();
            }
            if (!ended && !draining) {
                metrics.stalls.labelValues(options.name()).inc();
                giveUp(this, "the intake had no room for " + patienceMillis + " ms");
            }
        }

        @Override
        public void lost(BrokerLink link, String why) {
            giveUp(this, why);
        }

        private boolean onExecutor(Runnable task) {
            try {
                executor.execute(task);
                return true;
            } catch (RejectedExecutionException e) {
                LOG.debug("source {}: closed before a message was handed on", options.name(), e);
                return false;
            }
        }

        private void add(BrokerLink link, BrokerLink.Arrival arrival, MessageReader.Result read, long arrivalNs) {
            MessageFeed own = feed;
            if (own == null) {
                own = java.util.Objects.requireNonNull(feeds).feed(() -> {});
                feed = own;
            }
            own.add(read, arrival.payload(), arrivalNs, arrival.qos() > 0, (outcome, cause, detail) -> {
                metrics.settled
                        .labelValues(options.name(), outcome.name().toLowerCase(Locale.ROOT))
                        .inc();
                switch (outcome) {
                    case TAKEN, LETTERED -> acknowledge(link, arrival);
                    case REFUSED -> giveUp(this, cause + ": " + detail);
                    case ABANDONED -> LOG.trace("source {}: the broker sends it again", options.name());
                }
                window.leave(arrival.payload().length);
                metrics.inFlight.labelValues(options.name()).set(window.messages());
            });
            metrics.inFlight.labelValues(options.name()).set(window.messages());
            if (ended) {
                own.abandon();
            }
            own.submit();
        }

        private void acknowledge(BrokerLink link, BrokerLink.Arrival arrival) {
            if (arrival.qos() == 0) {
                return;
            }
            try {
                link.acknowledge(arrival.id());
            } catch (IOException e) {
                metrics.unacknowledged.labelValues(options.name()).inc();
                LOG.debug("source {}: no PUBACK for {}", options.name(), arrival.id(), e);
            }
        }

        /** The broker sends again on the next connection what is not at the intake yet. */
        void end() {
            ended = true;
            window.wake();
            onExecutor(() -> {
                if (feed != null) {
                    feed.abandon();
                }
            });
        }
    }

    // ---- from outside ----

    /**
     * Sends a message to the broker, QoS 0, when there is a connection; for commands to devices. Any thread.
     *
     * @return whether it was handed to the connection
     */
    public boolean publish(String topic, byte[] payload) {
        BrokerLink to;
        synchronized (lock) {
            to = connected;
        }
        if (to == null) {
            return false;
        }
        try {
            to.publish(topic, payload);
            return true;
        } catch (IOException e) {
            LOG.debug("source {}: {} not sent", options.name(), topic, e);
            return false;
        }
    }

    @Override
    public void close() {
        Thread thread = connector;
        ScheduledExecutorService executor = worker;
        if (thread == null || executor == null) {
            return;
        }
        draining = true;
        window.wake();
        try {
            if (!window.awaitEmpty(CLOSE_WAIT_MILLIS)) {
                LOG.info("source {}: {} messages not taken stay at the broker", options.name(), window.messages());
            }
            synchronized (lock) {
                closing = true;
                lock.notifyAll();
            }
            thread.join(CLOSE_WAIT_MILLIS);
            executor.shutdown();
            if (!executor.awaitTermination(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            executor.shutdownNow();
        }
    }
}
