package io.tributary.collector.ingest;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.concurrent.atomic.AtomicInteger;

/** The metrics of this package; README.md lists them. */
final class IngestMetrics {
    final Counter deliveries;
    final Counter deliveredBytes;
    final Counter rejectedReadings;
    final Counter acknowledgements;
    final Counter retryAfter;
    final Counter takeovers;
    final Counter protocolErrors;
    final Counter unknownMessages;
    final Counter writeFailures;
    final Counter ratePauses;
    final AtomicInteger pausedStreams = new AtomicInteger();
    final LagHistogram eventToEdge = new LagHistogram();
    final LagHistogram edgeToCollector = new LagHistogram();
    final LagHistogram collectorToStored = new LagHistogram();
    final LagHistogram acknowledgement = new LagHistogram();

    IngestMetrics(PrometheusRegistry registry) {
        deliveries = counter(registry, "deliveries_total", "Batches that agents delivered, redeliveries included.");
        deliveredBytes = counter(registry, "delivered_bytes_total", "Encoded bytes of these batches.");
        rejectedReadings = Counter.builder()
                .name("tributary_collector_ingest_rejected_readings_total")
                .help("Readings found unfit, by cause; a redelivered batch counts again, the account does not.")
                .labelNames("cause")
                .register(registry);
        acknowledgements = counter(registry, "acknowledgements_total", "Acknowledgement messages sent.");
        retryAfter = Counter.builder()
                .name("tributary_collector_ingest_retry_after_total")
                .help("Agents told to come back later, by reason.")
                .labelNames("reason")
                .register(registry);
        takeovers = counter(registry, "takeovers_total", "Sessions ended by a later one of the same agent.");
        protocolErrors = Counter.builder()
                .name("tributary_collector_ingest_protocol_errors_total")
                .help("Streams ended because the agent broke the protocol, by cause.")
                .labelNames("cause")
                .register(registry);
        unknownMessages = counter(registry, "unknown_messages_total", "Messages of a kind this version does not know.");
        writeFailures = counter(registry, "write_failures_total", "Deliveries that did not become durable.");
        ratePauses = counter(registry, "rate_pauses_total", "Waits of agents that sent more than their rate.");
        gauge(registry, "paused_streams", "Streams that wait because of their agent's rate.", pausedStreams::get);
        registry.register(histogram(
                "tributary_collector_ingest_acknowledgement_seconds",
                "From the arrival of a delivery to its durability.",
                () -> new HistogramSnapshot.HistogramDataPointSnapshot[] {acknowledgement.snapshot(Labels.EMPTY)}));
        registry.register(histogram(
                "tributary_collector_lag_seconds",
                "How long rows took over each hop, by the clocks that stamped them.",
                () -> new HistogramSnapshot.HistogramDataPointSnapshot[] {
                    eventToEdge.snapshot(Labels.of("hop", "event-to-edge")),
                    edgeToCollector.snapshot(Labels.of("hop", "edge-to-collector")),
                    collectorToStored.snapshot(Labels.of("hop", "collector-to-stored"))
                }));
    }

    /** Gauges over parts that are made after the metrics. */
    void watch(PrometheusRegistry registry, Sessions sessions, InFlightBudget budget, WriterHealth health) {
        gauge(registry, "sessions", "Agents connected.", sessions::agents);
        gauge(registry, "streams", "Open streams, those without hello included.", sessions::streams);
        gauge(registry, "in_flight_bytes", "Memory of deliveries that are not durable yet.", budget::usedBytes);
        gauge(registry, "in_flight_bytes_max", "Its limit, ingest.in-flight-max.", budget::limitBytes);
        gauge(registry, "waiting_streams", "Streams that wait for this memory.", budget::waiting);
        gauge(registry, "writable", "1 while storage takes writes, else 0.", () -> health.failure() == null ? 1 : 0);
    }

    private interface Reading {
        double value();
    }

    private static void gauge(PrometheusRegistry registry, String name, String help, Reading reading) {
        GaugeWithCallback.builder()
                .name("tributary_collector_ingest_" + name)
                .help(help)
                .callback(gauge -> gauge.call(reading.value()))
                .register(registry);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help) {
        return Counter.builder()
                .name("tributary_collector_ingest_" + name)
                .help(help)
                .register(registry);
    }

    private interface Points {
        HistogramSnapshot.HistogramDataPointSnapshot[] now();
    }

    private static Collector histogram(String name, String help, Points points) {
        return new Collector() {
            @Override
            public MetricSnapshot collect() {
                HistogramSnapshot.Builder snapshot =
                        HistogramSnapshot.builder().name(name).help(help);
                for (HistogramSnapshot.HistogramDataPointSnapshot point : points.now()) {
                    snapshot.dataPoint(point);
                }
                return snapshot.build();
            }

            @Override
            public String getPrometheusName() {
                return name;
            }
        };
    }
}
