package io.tributary.agent.source.opcua;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Shared by all sources of this kind of an agent; the label tells them apart. */
public final class OpcuaMetrics {
    private static final String PREFIX = "tributary_agent_opcua_";

    final Gauge connected;
    final Gauge nodes;
    final Gauge nodesRefused;
    final Gauge inFlight;
    final Counter connects;
    final Counter connectFailures;
    final Counter lostSessions;
    final Counter transfers;
    final Counter notifications;
    final Counter republished;
    final Counter values;
    final Counter refusedValues;
    final Counter overflows;
    final Counter gaps;
    final Counter gapSeconds;
    final Counter lostNotifications;
    final Counter settled;

    public OpcuaMetrics(PrometheusRegistry registry) {
        connected = gauge(registry, "connected", "1 while a session is active at the server.");
        nodes = gauge(registry, "nodes", "Variables that the server reports.");
        nodesRefused = gauge(registry, "nodes_refused", "Variables that the server does not have or does not report.");
        inFlight = gauge(registry, "in_flight", "Notifications on their way to the outbox.");
        connects = counter(registry, "connects_total", "Sessions that became active.");
        connectFailures = counter(registry, "connect_failures_total", "Attempts to connect and subscribe that failed.");
        lostSessions = counter(registry, "lost_sessions_total", "Sessions that ended by themselves.");
        transfers = counter(
                registry, "transfers_total", "Subscriptions that went over to a new session with what they held.");
        notifications = counter(registry, "notifications_total", "Notifications with values received.");
        republished = counter(
                registry, "republished_total", "Notifications that were missing and that the server sent again.");
        values = counter(registry, "values_total", "Values received, an array as one.");
        refusedValues =
                counter(registry, "refused_values_total", "Values that are no reading, and are not kept.", "cause");
        overflows = counter(
                registry, "overflows_total", "Values before which the server had to drop others: its queue was full.");
        gaps = counter(registry, "gaps_total", "Times the server had forgotten the subscription: changes are missing.");
        gapSeconds = counter(registry, "gap_seconds_total", "How long these gaps were.");
        lostNotifications =
                counter(registry, "lost_notifications_total", "Notifications that the server could not send again.");
        settled = counter(
                registry,
                "settled_total",
                "Notifications by what became of them: taken, lettered, refused.",
                "outcome");
    }

    private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
        return Gauge.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames("source")
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        String[] names = new String[labels.length + 1];
        names[0] = "source";
        System.arraycopy(labels, 0, names, 1, labels.length);
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(names)
                .register(registry);
    }
}
