package io.tributary.agent.source.mqttlistener;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a client subscribed to of its own commands. Part of its session, of the event loop. */
final class Subscriptions {
    private static final int MAX = 16;
    /** A command is acknowledged by PUBACK; an exchange of four packets would add nothing to it. */
    private static final int QOS_MAX = 1;

    private final String client;
    private final Map<String, Granted> byFilter = new LinkedHashMap<>(4);

    /** @param identifier 0 when the client gave none */
    private record Granted(int qos, int identifier) {}

    Subscriptions(String client) {
        this.client = client;
    }

    /** @return the granted QoS, or the reason code of MQTT 5 why there is none */
    int add(String filter, int qos, int identifier) {
        int refusal = CommandTopics.refusal(client, filter);
        if (refusal != 0) {
            return refusal;
        }
        if (byFilter.size() >= MAX && !byFilter.containsKey(filter)) {
            return Violation.QUOTA_EXCEEDED;
        }
        int granted = Math.min(QOS_MAX, qos);
        byFilter.put(filter, new Granted(granted, identifier));
        return granted;
    }

    /** @return false when there was none */
    boolean remove(String filter) {
        return byFilter.remove(filter) != null;
    }

    /** The highest that was granted to a filter that matches; -1 when none does. */
    int qos(String topic) {
        return byFilter.entrySet().stream()
                .filter(each -> CommandTopics.matches(each.getKey(), topic))
                .mapToInt(each -> each.getValue().qos())
                .max()
                .orElse(-1);
    }

    /** Of all filters that match: the client gets a message once, however many of them it is for. */
    List<Integer> identifiers(String topic) {
        return byFilter.entrySet().stream()
                .filter(each -> CommandTopics.matches(each.getKey(), topic))
                .map(each -> Objects.requireNonNull(each.getValue()).identifier())
                .filter(identifier -> identifier > 0)
                .toList();
    }
}
