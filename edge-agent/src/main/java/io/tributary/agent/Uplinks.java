package io.tributary.agent;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.uplink.FailoverUplink;
import io.tributary.agent.uplink.MqttUplink;
import io.tributary.agent.uplink.Uplink;
import io.tributary.agent.uplink.UplinkMetrics;
import io.tributary.tls.CertificateTime;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** Makes the uplinks that the configuration names. */
final class Uplinks {
    private Uplinks() {}

    /** @param grpc makes that one if it is wanted */
    static Uplink of(
            AgentConfig config, Supplier<Uplink> grpc, Clock clock, CertificateTime time, PrometheusRegistry registry) {
        CollectorTarget target = config.collector();
        List<FailoverUplink.Choice> choices = target.uplinks().stream()
                .map(type -> new FailoverUplink.Choice(
                        type.word(),
                        type == CollectorTarget.Type.GRPC
                                ? grpc.get()
                                : new MqttUplink(
                                        Objects.requireNonNull(target.mqtt()).options(config.agent()), clock, time)))
                .toList();
        return new FailoverUplink(
                choices, target.failoverAfter(), target.failbackAfter(), clock, new UplinkMetrics(registry));
    }
}
