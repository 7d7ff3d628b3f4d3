package io.tributary.agent.uplink;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Which uplink is used. */
public final class UplinkMetrics {
    final Gauge active;
    final Counter switches;

    public UplinkMetrics(PrometheusRegistry registry) {
        active = Gauge.builder()
                .name("tributary_agent_uplink_active")
                .help("1 for the uplink that is used, 0 for the others.")
                .labelNames("uplink")
                .register(registry);
        switches = Counter.builder()
                .name("tributary_agent_uplink_switches_total")
                .help("Changes to this uplink.")
                .labelNames("uplink")
                .register(registry);
    }
}
