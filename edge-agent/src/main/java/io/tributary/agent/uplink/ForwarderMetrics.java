package io.tributary.agent.uplink;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the forwarder tells of itself. */
final class ForwarderMetrics {
    final Counter sessions;
    final Counter sessionsEnded;
    final Gauge connected;
    final Counter sentReadings;
    final Counter sentBytes;
    final Counter acknowledged;
    final Counter rejected;
    final Gauge inFlightBytes;
    final Gauge creditBytes;
    final Gauge backlogWindowBytes;
    final Counter joinedBatches;
    private final Gauge uploadOpen;
    private final Gauge uploadBytes;
    private final Gauge uploadBudget;
    final Histogram acknowledgeSeconds;
    final Gauge clockOffset;
    final Gauge clockError;

    ForwarderMetrics(PrometheusRegistry registry) {
        sessions = counter(registry, "tributary_agent_sessions_total", "Sessions that a collector welcomed.");
        sessionsEnded = counter(registry, "tributary_agent_sessions_ended_total", "Attempts and sessions that ended.");
        connected = gauge(registry, "tributary_agent_connected", "1 while a session is open.");
        sentReadings = Counter.builder()
                .name("tributary_agent_sent_readings_total")
                .help("Readings sent, those sent again included.")
                .labelNames("lane")
                .register(registry);
        sentBytes = Counter.builder()
                .name("tributary_agent_sent_bytes_total")
                .help("Bytes of batches sent, those sent again included.")
                .labelNames("lane")
                .register(registry);
        acknowledged = counter(
                registry,
                "tributary_agent_acknowledged_readings_total",
                "Readings that the collector has made durable.");
        rejected = Counter.builder()
                .name("tributary_agent_rejected_readings_total")
                .help("Readings that the collector put to its dead letters.")
                .labelNames("cause")
                .register(registry);
        inFlightBytes = gauge(registry, "tributary_agent_in_flight_bytes", "Bytes sent and not acknowledged.");
        creditBytes = gauge(registry, "tributary_agent_credit_bytes", "Bytes that may be in flight.");
        backlogWindowBytes = gauge(
                registry,
                "tributary_agent_backlog_window_bytes",
                "Backlog is sent while less than this is in flight, so that live readings need not wait.");
        acknowledgeSeconds = Histogram.builder()
                .name("tributary_agent_acknowledge_seconds")
                .help("From sending a batch to its acknowledgement.")
                .classicUpperBounds(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
                .register(registry);
        joinedBatches = counter(
                registry,
                "tributary_agent_joined_batches_total",
                "Small batches that were sent as part of another one.");
        uploadOpen = gauge(registry, "tributary_agent_upload_open", "1 while the link may be used.");
        uploadBytes = gauge(
                registry,
                "tributary_agent_upload_day_bytes",
                "Sent in this day, as forward.upload.bytes-per-day counts.");
        uploadBudget = gauge(
                registry,
                "tributary_agent_upload_day_budget_bytes",
                "What may be sent in a day, forward.upload.bytes-per-day; 0: as much as there is.");
        clockOffset = gauge(registry, "tributary_agent_clock_offset_seconds", "Collector time minus agent time.");
        clockError = gauge(registry, "tributary_agent_clock_error_seconds", "Bound of the offset's error.");
    }

    void upload(boolean open, long sentBytes, long budgetBytes) {
        uploadOpen.set(open ? 1 : 0);
        uploadBytes.set(sentBytes);
        uploadBudget.set(budgetBytes == Long.MAX_VALUE ? 0 : budgetBytes);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder().name(name).help(help).register(registry);
    }

    private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
        return Gauge.builder().name(name).help(help).register(registry);
    }
}
