package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code deploy/bench flood}: what an agent's acknowledgements take while others try to keep it out. */
@Command(
        name = "flood",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "An agent over mutual TLS sends a batch now and then, first alone, then while clients that say nothing, that"
                    + " send their handshake or request byte by byte, and that connect and go, fill both ports of the"
                    + " collector. Flood, agent and collector share the machine."
        })
final class FloodBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int BATCH_ROWS = 10;

    @Option(
            names = "--batches",
            defaultValue = "500",
            paramLabel = "N",
            description = "Of 100 readings, per run. Default: ${DEFAULT-VALUE}.")
    private int batches;

    @Option(
            names = "--batches-per-second",
            defaultValue = "50",
            paramLabel = "N",
            description = "Default: ${DEFAULT-VALUE}.")
    private int perSecond;

    @Option(
            names = "--clients",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Of each kind at gRPC, a fifth of it at HTTP. Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path())
                .withCollectorEnvironment(StorageBench.environment("128m"))
                .secured()) {
            line.startCollector();
            SecuredSite site = line.site();
            Path identity = site.enrol(line.grpcAddress(), site.invite("quiet", "*"), "quiet");
            run(line, identity, 1); // compiles
            JsonNode quiet = run(line, identity, 2);
            report(figures, "quiet", quiet);
            try (Flood flood = new Flood(attacks(line, clients), Flood.FAST).start()) {
                JsonNode flooded = run(line, identity, 3);
                report(figures, "flood", flooded);
                figures.add(
                        "flood.ack_p99_ratio",
                        flooded.path("ack_p99_ms").asDouble()
                                / quiet.path("ack_p99_ms").asDouble(),
                        "");
                for (Flood.Kind kind : Flood.Kind.values()) {
                    String name = "flood." + kind.name().toLowerCase(java.util.Locale.ROOT);
                    figures.add(name + ".opened", flood.opened(kind), "connections");
                    figures.add(name + ".ended_by_server", flood.endedByServer(kind), "connections");
                }
            }
            Metrics metrics = line.collectorApi().metrics();
            figures.add("flood.evicted", evicted(metrics), "connections");
        }
    }

    private static double evicted(Metrics metrics) {
        return metrics.sum("tributary_collector_grpc_connections_evicted_total")
                + metrics.sum("tributary_http_connections_evicted_total");
    }

    /** More together than either listener holds. */
    static List<Flood.Attack> attacks(Line line, int clients) {
        int grpc =
                Integer.parseInt(line.grpcAddress().substring(line.grpcAddress().indexOf(':') + 1));
        List<Flood.Attack> attacks = new ArrayList<>();
        for (Flood.Kind kind : Flood.Kind.values()) {
            boolean churn = kind == Flood.Kind.CHURN;
            attacks.add(new Flood.Attack(kind, grpc, churn ? 5 : clients, Flood.tlsBeginning()));
            attacks.add(new Flood.Attack(kind, line.httpPort(), churn ? 5 : clients / 5, Flood.tlsBeginning()));
        }
        return attacks;
    }

    private JsonNode run(Line line, Path identity, int run) {
        return new FleetLoad(line, 10, batches) // of 10 rows each, of 10 devices: as many batches
                .with("--agents", "1")
                .with("--ca", line.site().authority().toString())
                .with("--identity", identity.resolve("agent.pem").toString())
                .with("--batch-rows", String.valueOf(BATCH_ROWS))
                .with("--batches-per-second", String.valueOf(perSecond))
                .with("--start", "2024-0" + run + "-01T00:00:00Z")
                .measure("load-" + run, PATIENCE);
    }

    private static void report(Figures figures, String name, JsonNode found) {
        figures.add(name + ".batches", found.path("batches").asDouble(), "batches");
        figures.add(name + ".ack_p50", found.path("ack_p50_ms").asDouble(), "ms");
        figures.add(name + ".ack_p99", found.path("ack_p99_ms").asDouble(), "ms");
        figures.add(name + ".collector_cpu", found.path("collector_cpu_seconds").asDouble(), "s");
        figures.add(
                name + ".resident_peak",
                found.path("collector_resident_peak_bytes").asDouble() / (1 << 20),
                "MiB");
    }
}
