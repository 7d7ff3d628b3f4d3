package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.source.DeviceOutcome;
import java.util.concurrent.CompletableFuture;

/** A command on its way to a client as a message of QoS 1. Of the event loop. */
final class Delivery {
    private static final byte[] NONE = {};

    final String command;
    final String topic;
    final long deadlineNs;
    final CompletableFuture<DeviceOutcome> outcome = new CompletableFuture<>();
    /** Whether it has been sent on the connection that the client has at present. */
    boolean onTheWay;

    private byte[] payload;

    /**
     * @param command its ID
     * @param deadlineNs it is not sent again after that
     */
    Delivery(String command, String topic, byte[] payload, long deadlineNs) {
        this.command = command;
        this.topic = topic;
        this.payload = payload;
        this.deadlineNs = deadlineNs;
    }

    byte[] payload() {
        return payload;
    }

    int bytes() {
        return payload.length;
    }

    boolean isOver(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    void end(DeviceOutcome.Kind kind, String detail) {
        payload = NONE;
        outcome.complete(new DeviceOutcome(kind, detail));
    }
}
