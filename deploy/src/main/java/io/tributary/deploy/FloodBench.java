package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
            "An agent over mutual TLS sends a batch now and then: alone, then while clients that say nothing, that send their"
                    + " handshake or request byte by byte, and that connect and go, fill both ports of the collector;"
                    + " several times in turn. The flood is a process of the lowest priority with an address of its"
                    + " own, as it stands for other machines; its sockets are this machine's kernel's all the same."
        })
final class FloodBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int BATCH_ROWS = 10;

    @Option(
            names = "--batches",
            defaultValue = "400",
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

    @Option(
            names = "--pairs",
            defaultValue = "3",
            paramLabel = "N",
            description = "Runs alone, each with one under the flood after it. Default: ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--flood-nice",
            defaultValue = "19",
            paramLabel = "N",
            description =
                    "Priority of the flood. Where other programs leave it no CPU, too little comes: see what it opened."
                            + " Default: ${DEFAULT-VALUE}.")
    private int floodNice;

    private int runs;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path())
                .withCollectorEnvironment(StorageBench.environment("128m"))
                .secured()) {
            line.startCollector();
            SecuredSite site = line.site();
            Path identity = site.enrol(line.grpcAddress(), site.invite("quiet", "*"), "quiet");
            run(line, identity); // compiles
            List<Double> ratios = new ArrayList<>();
            for (int pair = 1; pair <= pairs; pair++) {
                JsonNode quiet = run(line, identity);
                report(figures, "quiet" + pair, quiet);
                Path log = directory.resolve("flood-" + pair + ".log");
                try (Program flood = Flooder.start(new Installation(root()), line, clients, floodNice, log)) {
                    Await.until(
                            PATIENCE, () -> flood.output().size() > 2, () -> "the flood does not begin, see " + log);
                    JsonNode flooded = run(line, identity);
                    report(figures, "flood" + pair, flooded);
                    ratios.add(p99(flooded) / p99(quiet));
                    List<String> counts = flood.output();
                    tell(figures, "flood" + pair, counts.get(counts.size() - 1));
                }
            }
            Collections.sort(ratios);
            figures.add("flood.ack_p99_ratio_median", ratios.get((ratios.size() - 1) / 2), "");
            figures.add("flood.ack_p99_ratio_worst", ratios.get(ratios.size() - 1), "");
            report(figures, line.collectorApi().metrics());
        }
    }

    private static double p99(JsonNode found) {
        return found.path("ack_p99_ms").asDouble();
    }

    /** @param counts words and numbers in turn */
    private static void tell(Figures figures, String name, String counts) {
        String[] words = counts.split(" ");
        for (int i = 0; i + 1 < words.length; i += 2) {
            figures.add(name + "." + words[i], Double.parseDouble(words[i + 1]), "connections");
        }
    }

    private static void report(Figures figures, Metrics metrics) {
        for (String name : List.of(
                "tributary_collector_grpc_connections_evicted_total",
                "tributary_collector_grpc_address_connections_refused_total",
                "tributary_collector_grpc_accept_pauses_total",
                "tributary_http_connections_evicted_total",
                "tributary_http_connections_refused_total")) {
            figures.add(name, metrics.sum(name), "");
        }
    }

    private JsonNode run(Line line, Path identity) {
        int run = ++runs;
        return new FleetLoad(line, 10, batches) // of 10 rows each, of 10 devices: as many batches
                .with("--agents", "1")
                .with("--ca", line.site().authority().toString())
                .with("--identity", identity.resolve("agent.pem").toString())
                .with("--batch-rows", String.valueOf(BATCH_ROWS))
                .with("--batches-per-second", String.valueOf(perSecond))
                .with("--start", "%d-01-01T00:00:00Z".formatted(2000 + run))
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
