package io.tributary.agent.source.mqttlistener;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's own topics on one connection: what the client subscribes to, and the commands that go to it, QoS 1 when it
 * subscribed so, confirmed by its PUBACK. What the session's connection before this one brought to no PUBACK is sent again
 * first: in its order, with its packet identifier and DUP, as many at a time as the client takes.
 *
 * <p>Of the event loop.
 */
final class Commanding {
    private static final Logger LOG = LoggerFactory.getLogger(Commanding.class);
    private static final int HEADER_BYTES_MAX = 16;
    private static final int IDENTIFIER_BYTES_MAX = 5;

    private final ListenerContext shared;
    private final Session session;
    private final ConnectRequest request;
    private final Outbound out;

    Commanding(ListenerContext shared, Session session, ConnectRequest request, Outbound out) {
        this.shared = shared;
        this.session = session;
        this.request = request;
        this.out = out;
    }

    // ---- subscriptions ----

    void subscribe(MqttSubscribeMessage subscribe) throws Violation {
        int identifier = Replies.number(
                subscribe.idAndPropertiesVariableHeader().properties(), MqttProperties.SUBSCRIPTION_IDENTIFIER, 0);
        List<Integer> codes = new ArrayList<>();
        for (var each : subscribe.payload().topicSubscriptions()) {
            String filter = each.topicFilter();
            if (each.option().isNoLocal() && CommandTopics.isShared(filter)) {
                throw Violation.protocol("a shared subscription without what is local");
            }
            int code =
                    session.subscriptions().add(filter, each.qualityOfService().value(), identifier);
            if (code >= Violation.UNSPECIFIED) {
                shared.metrics().refusedSubscriptions.labelValues(shared.name()).inc();
                LOG.debug("{}: client {} may not subscribe to {}", shared.name(), session.client(), filter);
            }
            codes.add(request.version5() ? code : Math.min(code, Violation.UNSPECIFIED));
        }
        out.write(Replies.subAck(subscribe.variableHeader().messageId(), codes));
    }

    void unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        List<Short> codes = new ArrayList<>();
        for (String filter : unsubscribe.payload().topics()) {
            codes.add((short) (session.subscriptions().remove(filter) ? 0 : 0x11));
        }
        out.write(Replies.unsubAck(unsubscribe.variableHeader().messageId(), codes));
    }

    // ---- commands ----

    /** Whether the client asked for it and has room. */
    boolean takes(DeviceCommand.Publish command) {
        return session.subscriptions().qos(topic(command)) >= 0
                && out.isWritable()
                && session.deliveries().size() < request.receiveMaximum()
                && session.deliveries().hasRoom(command.payload().length);
    }

    private String topic(DeviceCommand.Publish command) {
        return CommandTopics.topic(session.client(), command.topic());
    }

    CompletableFuture<DeviceOutcome> send(DeviceCommand.Publish command, String id, long deadlineNs) {
        shared.metrics().commands.labelValues(shared.name()).inc();
        Delivery delivery = new Delivery(id, topic(command), command.payload(), deadlineNs);
        long bytes = packetBytes(delivery);
        if (bytes > request.packetBytesMax()) {
            delivery.end(
                    DeviceOutcome.Kind.FAILED,
                    "the message has up to " + bytes + " bytes, the device takes at most " + request.packetBytesMax());
        } else if (session.subscriptions().qos(delivery.topic) == 0) {
            publish(delivery, 0, false);
            delivery.end(
                    DeviceOutcome.Kind.UNKNOWN,
                    "sent with QoS 0, as the device subscribed: nobody says whether it arrived");
        } else {
            int packet = session.deliveries().add(delivery);
            delivery.onTheWay = true;
            publish(delivery, packet, false);
        }
        return delivery.outcome;
    }

    private long packetBytes(Delivery delivery) {
        return delivery.topic.length() * 3L
                + delivery.bytes()
                + HEADER_BYTES_MAX
                + (request.version5()
                        ? Replies.commandPropertiesBytes(delivery.command)
                                + identifiers(delivery).size() * (long) IDENTIFIER_BYTES_MAX
                        : 0);
    }

    private List<Integer> identifiers(Delivery delivery) {
        return session.subscriptions().identifiers(delivery.topic);
    }

    private void publish(Delivery delivery, int packet, boolean again) {
        MqttProperties properties = MqttProperties.NO_PROPERTIES;
        if (request.version5()) {
            long left = delivery.deadlineNs - shared.clock().monotonicNs();
            properties = Replies.commandProperties(delivery.command, left, identifiers(delivery));
        }
        out.write(Replies.publish(delivery.topic, packet, again, properties, delivery.payload()));
    }

    /** Sends again what still has to be: once the client is let in, and after each PUBACK. */
    void resend() {
        Deliveries deliveries = session.deliveries();
        deliveries.expire(shared.clock().monotonicNs());
        Map.Entry<Integer, Delivery> next = deliveries.firstWaiting();
        for (; next != null && deliveries.onTheWay() < request.receiveMaximum(); next = deliveries.firstWaiting()) {
            Delivery delivery = next.getValue();
            if (packetBytes(delivery) > request.packetBytesMax()) {
                deliveries.end(
                        next.getKey(),
                        DeviceOutcome.Kind.UNKNOWN,
                        "sent, and the device came back with a limit of " + request.packetBytesMax()
                                + " bytes before it acknowledged it");
            } else {
                delivery.onTheWay = true;
                publish(delivery, next.getKey(), true);
                shared.metrics().resent.labelValues(shared.name()).inc();
            }
        }
    }

    /** A PUBACK. */
    void confirmed(int packet, int reason) {
        if (reason < Violation.UNSPECIFIED) {
            session.deliveries().end(packet, DeviceOutcome.Kind.DONE, "the device has acknowledged it");
        } else {
            session.deliveries().end(packet, DeviceOutcome.Kind.FAILED, "the device refused it with reason " + reason);
        }
        resend();
    }
}
