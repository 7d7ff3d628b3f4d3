package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The commands on their way to one client: sent once, QoS 1 when it subscribed so, confirmed by its PUBACK. What is not
 * confirmed when the connection ends is not sent again, as nobody could say whether the client has got it.
 *
 * <p>Of the event loop.
 */
final class Commanding {
    /** On their way at a time, unless the client takes fewer. */
    private static final int UNCONFIRMED_MAX = 8;

    private static final int HEADER_BYTES_MAX = 16;
    private static final int IDENTIFIER_BYTES_MAX = 5;

    private final Session session;
    private final ConnectRequest request;
    private final Map<Integer, CompletableFuture<DeviceOutcome>> unconfirmed = new HashMap<>();
    private int lastId;

    Commanding(Session session, ConnectRequest request) {
        this.session = session;
        this.request = request;
    }

    /** Whether the client asked for it and has room. */
    boolean takes(DeviceCommand.Publish command) {
        return session.subscriptions().qos(topic(command)) >= 0
                && unconfirmed.size() < Math.min(UNCONFIRMED_MAX, request.receiveMaximum());
    }

    private String topic(DeviceCommand.Publish command) {
        return CommandTopics.topic(session.client(), command.topic());
    }

    /** @param write puts a packet on the connection */
    CompletableFuture<DeviceOutcome> send(DeviceCommand.Publish command, Consumer<MqttMessage> write) {
        String topic = topic(command);
        List<Integer> identifiers = request.version5() ? session.subscriptions().identifiers(topic) : List.of();
        long bytes = topic.length() * 3L
                + command.payload().length
                + HEADER_BYTES_MAX
                + identifiers.size() * (long) IDENTIFIER_BYTES_MAX;
        if (bytes > request.packetBytesMax()) {
            return CompletableFuture.completedFuture(new DeviceOutcome(
                    DeviceOutcome.Kind.FAILED,
                    "the message has up to " + bytes + " bytes, the device takes at most " + request.packetBytesMax()));
        }
        int qos = session.subscriptions().qos(topic);
        if (qos == 0) {
            write.accept(Replies.publish(topic, 0, identifiers, Unpooled.wrappedBuffer(command.payload())));
            return CompletableFuture.completedFuture(new DeviceOutcome(
                    DeviceOutcome.Kind.UNKNOWN,
                    "sent with QoS 0, as the device subscribed: nobody says whether it arrived"));
        }
        int id = freeId();
        CompletableFuture<DeviceOutcome> outcome = new CompletableFuture<>();
        unconfirmed.put(id, outcome);
        write.accept(Replies.publish(topic, id, identifiers, Unpooled.wrappedBuffer(command.payload())));
        return outcome;
    }

    private int freeId() {
        do {
            lastId = lastId % 0xffff + 1;
        } while (unconfirmed.containsKey(lastId));
        return lastId;
    }

    /** A PUBACK. */
    void confirmed(int id, int reason) {
        CompletableFuture<DeviceOutcome> outcome = unconfirmed.remove(id);
        if (outcome != null) {
            outcome.complete(
                    reason < 0x80
                            ? new DeviceOutcome(DeviceOutcome.Kind.DONE, "the device has acknowledged it")
                            : new DeviceOutcome(
                                    DeviceOutcome.Kind.FAILED, "the device refused it with reason " + reason));
        }
    }

    /** The connection is gone. */
    void ended() {
        List<CompletableFuture<DeviceOutcome>> left = List.copyOf(unconfirmed.values());
        unconfirmed.clear();
        for (CompletableFuture<DeviceOutcome> each : left) {
            each.complete(new DeviceOutcome(
                    DeviceOutcome.Kind.UNKNOWN, "sent, and the connection ended before the device acknowledged it"));
        }
    }
}
