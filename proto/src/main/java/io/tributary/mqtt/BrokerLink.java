package io.tributary.mqtt;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a broker, from connecting to its end: two protocol versions, which in Paho are two libraries. The
 * calls that connect, subscribe and close block for a bounded time, the others do not.
 */
public interface BrokerLink {
    /** Called on the library's threads. */
    interface Events {
        /** May block, which lets the broker wait; the next one comes after it returns. */
        void arrived(BrokerLink link, Arrival arrival);

        /** At most once, unless {@link #close} was called before. */
        void lost(BrokerLink link, String why);
    }

    /** @param id 0 for QoS 0 */
    record Arrival(String topic, byte[] payload, int qos, int id, boolean retained) {}

    /** What became of a published message. Called once, on the library's thread; must not block. */
    interface Settled {
        void settled(Outcome outcome, String detail);
    }

    /** Of a message of QoS 1. */
    enum Outcome {
        /** PUBACK. */
        TAKEN,
        /** PUBACK, but nobody has subscribed to the topic; only brokers of MQTT 5 tell. */
        NOBODY,
        /** PUBACK with a reason to refuse it; only brokers of MQTT 5 tell. */
        REFUSED,
        /** The connection ended first. */
        UNKNOWN
    }

    static BrokerLink of(BrokerOptions options, Events events) throws IOException {
        return options.version() == MqttVersion.V5 ? new PahoLink5(options, events) : new PahoLink3(options, events);
    }

    /**
     * Takes up the session of before where the options say so; messages may come before it returns then.
     *
     * @return whether the broker still had it
     * @throws IOException what the broker or the network said
     */
    boolean connect() throws IOException;

    /**
     * @param retained whether the broker sends what it has kept
     * @throws IOException naming the filter that the broker refused
     */
    void subscribe(List<String> filters, int qos, boolean retained) throws IOException;

    /** Nothing of these filters comes any more, but what the broker has begun to send. */
    void unsubscribe(List<String> filters) throws IOException;

    /**
     * PUBACK. Any thread.
     *
     * @throws IOException when the connection has ended: the broker sends the message again if it keeps the session
     */
    void acknowledge(int id) throws IOException;

    /** QoS 0. Any thread. */
    void publish(String topic, byte[] payload) throws IOException;

    /**
     * QoS 1. Any thread.
     *
     * @param expiry after which a broker of MQTT 5 drops what it could not hand on; null: never
     * @throws IOException when the window is full or the connection has ended; then {@code settled} is not called
     */
    void publish(String topic, byte[] payload, @Nullable Duration expiry, Settled settled) throws IOException;

    /** Messages of QoS 1 that may be published before the first is settled; known when connected. */
    int window();

    /** The largest packet that the broker takes, as far as it tells; known when connected. */
    long packetBytesMax();

    /** Frees everything; may be called twice, and on a link that is lost. The broker keeps the session if so agreed. */
    void close();
}
