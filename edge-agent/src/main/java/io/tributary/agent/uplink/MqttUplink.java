package io.tributary.agent.uplink;

import io.tributary.agent.clock.Clock;
import io.tributary.mqtt.BrokerLink;
import io.tributary.tls.CertificateTime;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sessions through an MQTT broker: the messages of ingest.proto, one per PUBLISH. Each session has a connection of its own,
 * so that how often it is tried again is the forwarder's decision, and a number above those before it, which every message
 * carries: what a broker still holds of an earlier session is told apart by it.
 *
 * <p>Nothing is left at the broker for later: the outbox keeps what is not acknowledged, by a collector, and sends it again.
 *
 * <p>Threads: the forwarder's sends, {@code uplink-mqtt} connects and closes, the library's bring answers.
 */
public final class MqttUplink implements Uplink {
    private static final long CLOSE_WAIT_SECONDS = 5;

    private final MqttUplinkOptions options;
    private final Clock clock;
    private final CertificateTime time;
    private final ExecutorService worker;
    /** Grows; also when a collector says that it knows a later one. */
    private volatile long lastSession;
    /** Of the forwarder's thread, and of {@code close} after that has ended. */
    private @Nullable MqttSession last;

    /** @param time for the broker's certificate */
    public MqttUplink(MqttUplinkOptions options, Clock clock, CertificateTime time) {
        this.time = time;
        this.options = options;
        this.clock = clock;
        this.worker = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), // a connect and a close for each session
                task -> {
                    Thread thread = new Thread(task, "uplink-mqtt");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public String target() {
        return (options.tls() == null ? "mqtt://" : "mqtts://") + options.broker();
    }

    @Override
    public Session open(SessionHello hello, Listener listener) {
        // Wall time, so that it grows over restarts, too; where the clock went back, a collector tells the latest.
        lastSession = Math.max(lastSession + 1, clock.wallNs() / 1_000_000);
        MqttSession session = new MqttSession(
                options,
                hello,
                lastSession,
                listener,
                clock,
                time,
                worker,
                latest -> lastSession = Math.max(lastSession, latest),
                BrokerLink::of);
        last = session;
        session.start();
        return session;
    }

    @Override
    public void close() {
        MqttSession open = last;
        if (open != null) {
            open.abort("closing");
        }
        worker.shutdown();
        try {
            if (!worker.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS)) {
                worker.shutdownNow();
            }
        } catch (InterruptedException e) {
            worker.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
