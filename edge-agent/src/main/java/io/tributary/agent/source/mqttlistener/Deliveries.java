package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.source.DeviceOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a session that its client has not acknowledged, in the order in which they were sent first.
 *
 * <pre>
 *         add                    PUBACK
 * command --> [ on the way: id ] ----> DONE or FAILED
 *                |        ^    \
 *   connection   |        |     \ deadline: UNKNOWN; the id stays taken until the PUBACK or the connection's end
 *   ends         v        | resent, DUP
 *             [ waits for the client ] --deadline, session ends--> UNKNOWN
 * </pre>
 *
 * Of the event loop.
 */
final class Deliveries {
    private static final int IDS = 0xffff;

    private final DeliveryLimits limits;
    private final Map<Integer, Delivery> byId = new LinkedHashMap<>(2);
    private int lastId;

    Deliveries(DeliveryLimits limits) {
        this.limits = limits;
    }

    int size() {
        return byId.size();
    }

    /** @param payloadBytes of one more */
    boolean hasRoom(int payloadBytes) {
        return byId.size() < limits.sessionMax() && limits.hasRoom(payloadBytes);
    }

    /** @return the packet identifier that it keeps until it is acknowledged */
    int add(Delivery delivery) {
        do {
            lastId = lastId % IDS + 1;
        } while (byId.containsKey(lastId));
        byId.put(lastId, delivery);
        limits.taken(delivery.bytes());
        return lastId;
    }

    /** What the connection at present has to bring to an acknowledgement. */
    int onTheWay() {
        int count = 0;
        for (Delivery each : byId.values()) {
            count += each.onTheWay ? 1 : 0;
        }
        return count;
    }

    /** Of those that were sent on an earlier connection only: the first, with its identifier. */
    Map.@Nullable Entry<Integer, Delivery> firstWaiting() {
        for (Map.Entry<Integer, Delivery> each : byId.entrySet()) {
            if (!each.getValue().onTheWay) {
                return each;
            }
        }
        return null;
    }

    /** A PUBACK, or the end of one that will not be sent again. */
    void end(int id, DeviceOutcome.Kind kind, String detail) {
        Delivery delivery = byId.remove(id);
        if (delivery != null) {
            limits.freed(delivery.bytes());
            delivery.end(kind, detail);
        }
    }

    /** The connection is gone, the session is not: what had its time need not be remembered for its identifier. */
    void disconnected(long nowNs) {
        byId.values().forEach(each -> each.onTheWay = false);
        expire(nowNs);
    }

    void expire(long nowNs) {
        if (byId.isEmpty()) {
            return;
        }
        List<Integer> over = new ArrayList<>();
        byId.forEach((id, each) -> {
            if (each.isOver(nowNs)) {
                over.add(id);
            }
        });
        for (int id : over) {
            expire(id);
        }
    }

    private void expire(int id) {
        Delivery delivery = byId.get(id);
        String detail = "sent, and not acknowledged before it expired";
        if (delivery == null || !delivery.onTheWay) {
            end(id, DeviceOutcome.Kind.UNKNOWN, detail);
        } else if (!delivery.outcome.isDone()) {
            limits.freed(delivery.bytes());
            delivery.end(DeviceOutcome.Kind.UNKNOWN, detail);
            limits.taken(0);
        }
    }

    /** The session is gone: {@code why}, before an acknowledgement came. */
    void drop(String why) {
        for (int id : List.copyOf(byId.keySet())) {
            end(id, DeviceOutcome.Kind.UNKNOWN, "sent, and " + why + " before an acknowledgement came");
        }
    }
}
