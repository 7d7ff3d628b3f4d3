package io.tributary.agent.source.mqtt;

import java.io.IOException;
import java.util.List;

/**
 * One connection to a broker, from connecting to its end: two protocol versions, which in Paho are two libraries. The
 * calls block for a bounded time.
 */
interface BrokerLink {
    /** Called on the library's threads. */
    interface Events {
        /** May block, which lets the broker wait; the next one comes after it returns. */
        void arrived(BrokerLink link, Arrival arrival);

        /** At most once, unless {@link #close} was called before. */
        void lost(BrokerLink link, String why);
    }

    /** @param id 0 for QoS 0 */
    record Arrival(String topic, byte[] payload, int qos, int id, boolean retained) {}

    /**
     * Takes up the session of before; messages may come before it returns.
     *
     * @return whether the broker still had it
     * @throws IOException what the broker or the network said
     */
    boolean connect() throws IOException;

    /** @throws IOException naming the filter that the broker refused */
    void subscribe(List<String> filters) throws IOException;

    /**
     * PUBACK. Any thread; does not block.
     *
     * @throws IOException when the connection has ended: the broker sends the message again
     */
    void acknowledge(int id) throws IOException;

    /** QoS 0. Any thread; does not block. */
    void publish(String topic, byte[] payload) throws IOException;

    /** Frees everything; may be called twice, and on a link that is lost. The broker keeps the session. */
    void close();
}
