package io.tributary.agent.source.mqtt;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.decode.SparkplugCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Sparkplug nodes at the broker to introduce themselves again. */
final class Rebirths implements RebirthListener {
    private static final Logger LOG = LoggerFactory.getLogger(Rebirths.class);

    private final Clock clock;
    /** Set once, before the first message. */
    private volatile @Nullable MqttSource source;

    Rebirths(Clock clock) {
        this.clock = clock;
    }

    void through(MqttSource to) {
        source = to;
    }

    @Override
    public void rebirthNeeded(String group, String edgeNode, String reason) {
        MqttSource to = source;
        boolean sent = to != null
                && to.publish(
                        SparkplugCommand.topic(group, edgeNode), SparkplugCommand.rebirth(clock.wallNs() / 1_000_000));
        LOG.info("{}/{}: {}; rebirth request {}", group, edgeNode, reason, sent ? "sent" : "could not be sent");
    }
}
