package io.tributary.agent.source.mqttlistener;

import io.netty.handler.codec.mqtt.MqttMessageType;
import org.jspecify.annotations.Nullable;

/**
 * What outlives a connection of a client, in memory: which QoS 2 messages it may send again, what it subscribed to, and
 * the commands that it has not acknowledged.
 *
 * <pre>
 * PUBLISH -> [ at the intake ] -- durable, PUBREC --> [ unreleased ] -- PUBREL, PUBCOMP --> gone
 * </pre>
 *
 * An agent that was restarted has forgotten it: a QoS 2 message whose PUBREC got lost with it is taken twice then, and
 * stored once as it has the same event time. Of the event loop.
 */
final class Session {
    /** A client of MQTT 3.1.1 has no limit of its own; Mosquitto's is 20 by default. */
    static final int UNRELEASED_MAX = 1024;

    private final String client;
    private final PacketIds atIntake = new PacketIds();
    private final PacketIds unreleased = new PacketIds();
    private final Subscriptions subscriptions;
    private final Deliveries deliveries;

    private @Nullable Connection connection;
    private long expiryNs;
    private long endedNs;

    Session(String client, DeliveryLimits limits) {
        this.client = client;
        this.deliveries = new Deliveries(limits);
        this.subscriptions = new Subscriptions(client);
    }

    String client() {
        return client;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    void attach(Connection to, long expiry, long nowNs) {
        if (connection != null) {
            detach(nowNs);
        }
        connection = to;
        expiryNs = expiry;
    }

    void detach(long nowNs) {
        connection = null;
        endedNs = nowNs;
        deliveries.disconnected(nowNs);
    }

    boolean isExpired(long nowNs) {
        return connection == null && nowNs - endedNs >= expiryNs;
    }

    void expiry(long ns) {
        expiryNs = ns;
    }

    long expiry() {
        return expiryNs;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    Deliveries deliveries() {
        return deliveries;
    }

    // ---- QoS 2 ----

    boolean isUnreleased(int id) {
        return unreleased.contains(id);
    }

    /** @return false when it is on its way already */
    boolean received(int id) {
        return atIntake.add(id);
    }

    int exchanges() {
        return atIntake.size() + unreleased.size();
    }

    /** Taken or lettered: tells whatever connection the client has by then. */
    void durable(int id, int reason) {
        atIntake.remove(id);
        Connection to = connection;
        boolean failed = reason >= 0x80 && to != null && to.isVersion5();
        if (!failed) {
            unreleased.add(id);
        }
        if (to != null) {
            to.reply(MqttMessageType.PUBREC, id, failed ? reason : 0);
        }
    }

    void forget(int id) {
        atIntake.remove(id);
    }

    boolean release(int id) {
        return unreleased.remove(id);
    }
}
