package io.tributary.agent.source.mqttlistener;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.tributary.agent.source.MessageFeed;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The counters that every message meets, looked up once per listener: by name they cost more than decoding a number. */
final class MessageCounts {
    private final CounterDataPoint[] byQos = new CounterDataPoint[3];
    private final Map<MessageFeed.Outcome, CounterDataPoint> byOutcome = new EnumMap<>(MessageFeed.Outcome.class);

    MessageCounts(MqttListenerMetrics metrics, String source) {
        for (int qos = 0; qos < byQos.length; qos++) {
            byQos[qos] = metrics.messages.labelValues(source, String.valueOf(qos));
        }
        for (MessageFeed.Outcome outcome : MessageFeed.Outcome.values()) {
            byOutcome.put(
                    outcome, metrics.answers.labelValues(source, outcome.name().toLowerCase(Locale.ROOT)));
        }
    }

    void received(int qos) {
        byQos[qos].inc();
    }

    void settled(MessageFeed.Outcome outcome) {
        CounterDataPoint counter = byOutcome.get(outcome);
        if (counter != null) {
            counter.inc();
        }
    }
}
