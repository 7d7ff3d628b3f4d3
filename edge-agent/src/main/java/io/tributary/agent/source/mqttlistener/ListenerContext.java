package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.SourceGuard;

/** What all connections of a listener share. Of the event loop, but for the thread-safe ones among it. */
record ListenerContext(
        MqttListenerOptions options,
        MqttListenerMetrics metrics,
        MessageCounts counts,
        Authenticator authenticator,
        MessageReader reader,
        ArrivalStamps stamps,
        MessageFeeds feeds,
        Sessions sessions,
        DeliveryLimits deliveries,
        Admission admission,
        SourceGuard guard,
        Clock clock) {
    String name() {
        return options.name();
    }
}
