package io.tributary.collector.ingest.mqtt;

import io.tributary.mqtt.BrokerLink;
import io.tributary.mqtt.BrokerOptions;
import io.tributary.process.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the connections to the broker, made anew when it ends. It keeps no session there: what agents say while a
 * collector is away goes to the others, or is said again, as only the collector's own acknowledgement frees it.
 *
 * <p>It subscribes again after every second of silence, which changes nothing at a broker that has nothing to say. HiveMQ
 * CE (2025.5) with messages on disk that was killed keeps what was on its way to a collector marked so, for nobody; with
 * such messages in the queue of a shared subscription it hands on what comes when a consumer has answered or subscribes,
 * and at no other time. Without this, agents would speak to nobody until it drops them after minutes.
 *
 * <p>Threads: {@code mqtt-N} connects and reconnects, the library's bring messages.
 */
final class BrokerConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    /** Below the time in which an agent expects an answer. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** An agent that does not get an answer within this asks again. */
    private static final Duration ANSWER_EXPIRY = Duration.ofSeconds(60);

    /** What a connection tells. Called on its threads. */
    interface Owner {
        void arrived(BrokerLink.Arrival arrival, Runnable done);

        /** It takes messages again. */
        void ready();
    }

    /** Reads TLS files, so that each connection has what they hold at that time. */
    interface Links {
        BrokerLink open(BrokerLink.Events events) throws IOException;
    }

    private final String name;
    private final Links links;
    private final String filter;
    private final Owner owner;
    private final Backoff backoff;
    private final LongSupplier nanoTime;
    private final MqttIngestMetrics metrics;
    private final AtomicInteger unsettled = new AtomicInteger();
    private @Nullable Thread connector;
    private volatile @Nullable BrokerLink connected;
    private volatile int unsettledMax;
    /** When something came, or a subscription was answered. */
    private volatile long heardNanos;

    /** Held while a subscription is made or taken back, so that one does not follow the other by mistake. */
    private final Object subscription = new Object();

    // Guarded by lock.
    private final Object lock = new Object();
    private @Nullable Current current;
    private @Nullable String lost;
    private boolean subscribing = true;
    private boolean closing;

    // Of the connector.
    private String lastFailure = "";

    BrokerConnection(
            String name,
            Links links,
            String filter,
            Owner owner,
            MqttIngestOptions options,
            RandomGenerator random,
            LongSupplier nanoTime,
            MqttIngestMetrics metrics) {
        this.name = name;
        this.links = links;
        this.filter = filter;
        this.owner = owner;
        this.backoff = new Backoff(options.reconnectMin(), options.reconnectMax(), random);
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /** @param index names its client */
    static BrokerOptions linkOptions(MqttIngestOptions options, String client, int index, int packetBytesMax)
            throws IOException {
        return new BrokerOptions(
                "mqtt ingest",
                options.broker(),
                io.tributary.mqtt.MqttVersion.V5,
                client + "-" + index,
                options.user(),
                options.password(),
                options.tls() == null ? null : options.tls().context(),
                false,
                Duration.ZERO,
                options.inFlight(),
                packetBytesMax,
                options.keepAlive(),
                options.connectTimeout(),
                null);
    }

    void start() {
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
        connector = thread;
    }

    // ---- the connector ----

    private void run() {
        while (!isClosing()) {
            long began = nanoTime.getAsLong();
            String why = connection();
            if (nanoTime.getAsLong() - began >= STABLE_NANOS) {
                backoff.succeeded();
            }
            if (!isClosing()) {
                long delay = backoff.failed();
                if (!why.equals(lastFailure)) {
                    lastFailure = why;
                    LOG.warn("{}: {}; next attempt in {} ms, and so on", name, why, delay / 1_000_000);
                }
                pause(delay);
            }
        }
    }

    /** One connection from beginning to end. @return why it ended */
    private String connection() {
        Current events = new Current();
        BrokerLink link = null;
        try {
            link = links.open(events);
            boolean subscribe;
            synchronized (lock) {
                current = events;
                lost = null;
                subscribe = subscribing;
            }
            var unused = link.connect();
            unsettled.set(0);
            // The library counts one down a moment later than it says so.
            unsettledMax = Math.max(1, Math.min(256, link.window() * 3 / 4));
            if (subscribe) {
                link.subscribe(List.of(filter), 1, false);
            }
            heardNanos = nanoTime.getAsLong();
            connected = link;
            lastFailure = "";
            metrics.connects.inc();
            metrics.connected.inc();
            LOG.info("{}: connected", name);
            owner.ready();
            String why = awaitLost(link);
            metrics.connected.dec();
            metrics.lostConnections.inc();
            return why;
        } catch (IOException e) {
            metrics.connectFailures.inc();
            return String.valueOf(e.getMessage());
        } finally {
            connected = null;
            if (link != null) {
                link.close();
            }
        }
    }

    private String awaitLost(BrokerLink link) {
        while (true) {
            synchronized (lock) {
                long silent = nanoTime.getAsLong() - heardNanos;
                if (lost == null && !closing && silent < SILENCE_NANOS) {
                    try {
                        lock.wait((SILENCE_NANOS - silent) / 1_000_000 + 1);
                    } catch (InterruptedException e) {
                        closing = true;
                    }
                }
                if (lost != null || closing) {
                    return lost == null ? "closing" : lost;
                }
            }
            if (nanoTime.getAsLong() - heardNanos >= SILENCE_NANOS) {
                subscribeAgain(link);
            }
        }
    }

    private void subscribeAgain(BrokerLink link) {
        synchronized (subscription) {
            synchronized (lock) {
                if (!subscribing) {
                    heardNanos = nanoTime.getAsLong();
                    return;
                }
            }
            try {
                link.subscribe(List.of(filter), 1, false);
                metrics.resubscribes.inc();
            } catch (IOException e) {
                synchronized (lock) {
                    if (lost == null) {
                        lost = "no answer to a subscription: " + e.getMessage();
                    }
                }
            }
            heardNanos = nanoTime.getAsLong();
        }
    }

    private void pause(long delayNanos) {
        long until = nanoTime.getAsLong() + delayNanos;
        synchronized (lock) {
            long left = delayNanos;
            while (left > 0 && !closing) {
                try {
                    lock.wait(left / 1_000_000, (int) (left % 1_000_000));
                } catch (InterruptedException e) {
                    closing = true;
                }
                left = until - nanoTime.getAsLong();
            }
        }
    }

    private boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    private final class Current implements BrokerLink.Events {
        private volatile @Nullable InOrderAcks acks;

        /** The library calls it on one thread. */
        @Override
        public void arrived(BrokerLink link, BrokerLink.Arrival arrival) {
            heardNanos = nanoTime.getAsLong();
            if (arrival.qos() == 0) {
                owner.arrived(arrival, () -> {});
                return;
            }
            InOrderAcks own = acks;
            if (own == null) {
                own = new InOrderAcks(link);
                acks = own;
            }
            owner.arrived(arrival, own.arrived(arrival.id()));
        }

        @Override
        public void lost(BrokerLink link, String why) {
            synchronized (lock) {
                if (current == this && lost == null) {
                    lost = why;
                    lock.notifyAll();
                }
            }
        }
    }

    // ---- answers ----

    boolean isConnected() {
        return connected != null;
    }

    boolean isReady() {
        return connected != null && unsettled.get() < unsettledMax;
    }

    /** @return false when it could not be handed to the connection */
    boolean publish(String topic, byte[] message) {
        BrokerLink link = connected;
        if (link == null) {
            return false;
        }
        int now = unsettled.incrementAndGet();
        try {
            link.publish(topic, message, ANSWER_EXPIRY, (outcome, detail) -> settled(topic, outcome, detail));
            return true;
        } catch (IOException e) {
            unsettled.decrementAndGet();
            LOG.debug("{}: an answer was not sent, {} unsettled", name, now, e);
            return false;
        }
    }

    private void settled(String topic, BrokerLink.Outcome outcome, String detail) {
        if (outcome == BrokerLink.Outcome.REFUSED) {
            LOG.warn("{}: the broker refused an answer on {}: {}", name, topic, detail);
        }
        int left = unsettled.decrementAndGet();
        if (left == unsettledMax / 2 || left == 0) {
            owner.ready();
        }
    }

    // ---- the end ----

    /** The broker gives what agents say to other collectors from here on; answers still go out. */
    void stopAccepting() {
        synchronized (subscription) {
            synchronized (lock) {
                subscribing = false;
            }
            BrokerLink link = connected;
            if (link != null) {
                try {
                    link.unsubscribe(List.of(filter));
                } catch (IOException e) {
                    LOG.debug("{}: unsubscribing", name, e);
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        Thread thread = connector;
        if (thread != null) {
            try {
                thread.join(CLOSE_WAIT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
