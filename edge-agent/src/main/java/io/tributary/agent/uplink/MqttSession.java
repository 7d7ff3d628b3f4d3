package io.tributary.agent.uplink;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.mqtt.BrokerLink;
import io.tributary.mqtt.BrokerOptions;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.SessionEnd;
import io.tributary.tls.CertificateTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session over one connection to the broker.
 *
 * <pre>
 * connect, subscribe .../down, publish the hello -> first welcome -> deliveries -> end: connection lost, SessionEnd,
 *                                                                    refused, nobody subscribed, one unanswered
 * </pre>
 *
 * <p>Several collectors may answer: each that joins the session sends a welcome with what it holds. The first begins the
 * session for the forwarder, those after it are acknowledgements.
 */
final class MqttSession implements Uplink.Session, BrokerLink.Events {
    private static final Logger LOG = LoggerFactory.getLogger(MqttSession.class);
    /** Answers that may wait for the forwarder; the broker keeps back what comes on top. */
    private static final int ANSWERS_AHEAD = 16;
    /** A welcome may hold many ranges. */
    private static final int ANSWER_BYTES_MAX = 4 << 20;
    /** Published and without PUBACK; the credit bounds their bytes. */
    private static final int UNSETTLED_MAX = 64;
    /** Topic and properties. */
    private static final int PACKET_OVERHEAD_BYTES = 1 << 10;
    /** Not an identifier: an answer that needs no PUBACK, or shares one. */
    private static final int NO_ID = 0;

    /** How a connection is made; tests have one without a broker. */
    interface LinkFactory {
        BrokerLink of(BrokerOptions options, BrokerLink.Events events) throws IOException;
    }

    private final MqttUplinkOptions options;
    private final SessionHello hello;
    private final long number;
    private final Uplink.Listener listener;
    private final Clock clock;
    private final CertificateTime time;
    private final Executor worker;
    private final LongConsumer laterSession;
    private final LinkFactory links;

    private final AtomicInteger unsettled = new AtomicInteger();
    /** PUBACKs that are due when the forwarder has dealt with the answer. */
    private final Queue<Integer> answered = new ConcurrentLinkedQueue<>();

    private volatile int unsettledMax;
    private volatile @Nullable BrokerLink link;
    private volatile boolean open;

    private final Unanswered unanswered = new Unanswered();
    /** Of the forwarder's thread. */
    private long nextSequence;

    // Guarded by this; so are the calls of the listener.
    private boolean welcomed;
    private boolean over;

    MqttSession(
            MqttUplinkOptions options,
            SessionHello hello,
            long number,
            Uplink.Listener listener,
            Clock clock,
            CertificateTime time,
            Executor worker,
            LongConsumer laterSession,
            LinkFactory links) {
        this.options = options;
        this.hello = hello;
        this.number = number;
        this.listener = listener;
        this.clock = clock;
        this.time = time;
        this.worker = worker;
        this.laterSession = laterSession;
        this.links = links;
        this.nextSequence = hello.nextSequence();
    }

    void start() {
        worker.execute(this::connect);
    }

    // ---- on the worker ----

    private void connect() {
        if (isOver()) {
            return;
        }
        try {
            BrokerLink made = links.of(brokerOptions(), this);
            link = made;
            var unused = made.connect();
            // The library counts one down a moment later than it says so.
            unsettledMax = Math.max(1, Math.min(UNSETTLED_MAX, made.window() * 3 / 4));
            made.subscribe(List.of(options.down()), 1, false);
            open = true;
            publish(AgentMessages.hello(hello), hello.nextSequence());
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
        if (isOver()) {
            closeLink();
        }
    }

    private BrokerOptions brokerOptions() throws IOException {
        return new BrokerOptions(
                "uplink",
                options.broker(),
                options.version(),
                options.client(),
                options.user(),
                options.password(),
                options.tls() == null ? null : options.tls().context(time),
                false,
                Duration.ZERO,
                ANSWERS_AHEAD,
                ANSWER_BYTES_MAX,
                options.keepAlive(),
                options.connectTimeout(),
                new BrokerOptions.Will(
                        options.up(),
                        envelope(AgentMessages.goodbye(), hello.nextSequence()).toByteArray(),
                        options.answerTimeout()));
    }

    private void closeLink() {
        open = false;
        BrokerLink made = link;
        if (made != null) {
            made.close();
        }
    }

    // ---- the end ----

    private synchronized boolean isOver() {
        return over;
    }

    private synchronized boolean isWelcomed() {
        return welcomed;
    }

    /** From this side; the forwarder hears of it. */
    private void end(String reason) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            open = false;
            listener.ended(reason);
        }
        worker.execute(this::closeLink);
    }

    @Override
    public void finish() {
        if (open && isWelcomed()) {
            publish(AgentMessages.goodbye(), nextSequence);
        }
        abort("finished");
    }

    @Override
    public void abort(String reason) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            open = false;
        }
        LOG.debug("session {} ended: {}", number, reason);
        worker.execute(this::closeLink);
    }

    @Override
    public void lost(BrokerLink from, String why) {
        end("connection to the broker lost: " + why);
    }

    // ---- what the collectors say; on the library's thread ----

    @Override
    public void arrived(BrokerLink from, BrokerLink.Arrival arrival) {
        int id = arrival.qos() == 0 ? NO_ID : arrival.id();
        CollectorMessage message;
        try {
            message = CollectorMessage.parseFrom(arrival.payload());
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("a message on {} is not a collector's", arrival.topic());
            acknowledge(from, id);
            return;
        }
        synchronized (this) {
            if (!over && message.getSession() == number) {
                if (message.hasSessionEnd()) {
                    sessionEnd(message.getSessionEnd());
                } else if (tell(message, id)) {
                    return;
                }
            }
        }
        acknowledge(from, id); // of an earlier session, or of a later version
    }

    /** Guarded by this. @return true when the forwarder says {@link #next} for it */
    private boolean tell(CollectorMessage message, int id) {
        if (message.hasWelcome() && welcomed) {
            // A collector has joined: what it holds may be freed. Its credit does not count, the first one's does.
            SessionWelcome joined = CollectorMessages.welcome(message.getWelcome());
            LOG.debug("collector {} has joined session {}", joined.collector(), number);
            answered.add(id);
            unanswered.remove(joined.received());
            listener.acknowledged(joined.received(), List.of());
            return true;
        }
        if (!message.hasWelcome() && !message.hasRetryAfter() && !welcomed) {
            return false; // it overtook the welcome; what it acknowledges is unknown yet
        }
        welcomed |= message.hasWelcome();
        if (message.getAcknowledgement().getEpoch() == 0) {
            unanswered.remove(
                    CollectorMessages.ranges(message.getAcknowledgement().getRangesList()));
        }
        answered.add(id);
        if (CollectorMessages.tell(message, listener, clock.wallNs())) {
            return true;
        }
        return !answered.remove(id);
    }

    /** Guarded by this. */
    private void sessionEnd(SessionEnd end) {
        laterSession.accept(end.getLatestSession());
        if (end.getOutboxWentBack()) {
            over = true;
            open = false;
            listener.wentBack(end.getReason());
            worker.execute(this::closeLink);
            return;
        }
        end("the collector ended the session: " + end.getReason());
    }

    @Override
    public void next() {
        Integer id = answered.poll();
        BrokerLink to = link;
        if (id != null && to != null) {
            acknowledge(to, id);
        }
    }

    private static void acknowledge(BrokerLink to, int id) {
        if (id == NO_ID) {
            return;
        }
        try {
            to.acknowledge(id);
        } catch (IOException e) {
            LOG.debug("no PUBACK for {}: the connection is gone", id, e);
        }
    }

    // ---- what the agent says ----

    /** Also where the forwarder's thread looks for what was lost on the way; it asks every few seconds at least. */
    @Override
    public boolean isReady() {
        long lost = unanswered.waitingSince(
                clock.monotonicNs(), options.answerTimeout().toNanos());
        if (lost >= 0) {
            end("the delivery at sequence " + lost + " was not acknowledged within "
                    + options.answerTimeout().toMillis() + " ms");
        }
        return open && unsettled.get() < unsettledMax;
    }

    private AgentMessage envelope(AgentMessage.Builder message, long next) {
        return message.setEpoch(hello.epoch())
                .setSession(number)
                .setNextSequence(next)
                .build();
    }

    private void publish(AgentMessage.Builder message, long next) {
        BrokerLink to = link;
        if (!open || to == null) {
            return;
        }
        byte[] bytes = envelope(message, next).toByteArray();
        if (bytes.length + PACKET_OVERHEAD_BYTES > to.packetBytesMax()) {
            end("a message has " + bytes.length + " bytes, the broker takes packets of " + to.packetBytesMax()
                    + ": raise its limit, or lower outbox.batch-readings here");
            return;
        }
        unsettled.incrementAndGet();
        try {
            to.publish(options.up(), bytes, options.answerTimeout(), this::settled);
        } catch (IOException e) {
            unsettled.decrementAndGet();
            end("cannot publish: " + e.getMessage());
        }
    }

    private void settled(BrokerLink.Outcome outcome, String detail) {
        boolean wasFull = unsettled.getAndDecrement() >= unsettledMax;
        switch (outcome) {
            case TAKEN -> {
                if (wasFull) {
                    listener.ready();
                }
            }
            case NOBODY -> end("no collector has subscribed at the broker");
            case REFUSED -> end("the broker refused a message on " + options.up() + ": " + detail);
            case UNKNOWN -> LOG.debug("a message may not have reached the broker: {}", detail);
        }
    }

    @Override
    public void send(Stamped stamped, Lane lane) {
        OutboxRecord batch = stamped.record();
        nextSequence = Math.max(nextSequence, batch.endSequence());
        unanswered.add(batch.firstSequence(), batch.endSequence(), clock.monotonicNs());
        publish(AgentMessages.delivery(stamped, lane), nextSequence);
    }

    @Override
    public void send(LostRange lost) {
        publish(AgentMessages.loss(lost, hello.epoch()), nextSequence);
    }

    @Override
    public void send(AgentStatus status) {
        nextSequence = Math.max(nextSequence, status.outbox().nextSequence());
        publish(AgentMessages.status(status), nextSequence);
    }

    @Override
    public void send(CommandResult result) {
        publish(DownwardMessages.message(result), nextSequence);
    }

    @Override
    public void send(ConfigReport report) {
        publish(DownwardMessages.message(report), nextSequence);
    }

    @Override
    public void probe(long wallNs) {
        publish(AgentMessages.probe(wallNs), nextSequence);
    }
}
