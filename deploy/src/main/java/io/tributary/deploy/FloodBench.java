package io.tributary.deploy;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
final class FloodBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** More than the collector's limit of either listener, together. */
    private static final int BATCH_ROWS = 10;

    @Option(names = "--root", required = true, hidden = true)
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path root;

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

    @Option(names = "--json", description = "One JSON array instead of lines.")
    private boolean json;

    @Option(names = "--keep", description = "Leave the files where they are.")
    private boolean keep;

    @Override
    public Integer call() throws IOException {
        Figures figures = new Figures(new PrintStream(System.out, true, StandardCharsets.UTF_8), json);
        try (BenchDirectory directory = new BenchDirectory(keep);
                Line line = new Line(new Installation(root), directory.path())
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
        } catch (ProgramFailedException | IllegalStateException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        figures.end();
        return 0;
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
        Program program = line.simulate(
                "load-" + run,
                List.of(
                        "load",
                        "--collector",
                        line.grpcAddress(),
                        "--agents",
                        "1",
                        "--ca",
                        line.site().authority().toString(),
                        "--identity",
                        identity.resolve("agent.pem").toString(),
                        "--devices",
                        "10",
                        "--batch-rows",
                        String.valueOf(BATCH_ROWS),
                        "--steps",
                        String.valueOf(batches), // of 10 rows each, of 10 devices: as many batches
                        "--batches-per-second",
                        String.valueOf(perSecond),
                        "--start",
                        "2024-0" + run + "-01T00:00:00Z",
                        "--pid",
                        String.valueOf(line.collector().pid()),
                        "--json"));
        if (program.awaitExit(PATIENCE) != 0) {
            throw new ProgramFailedException(program, "failed");
        }
        List<String> output = program.output();
        return JsonMapper.shared().readTree(output.get(output.size() - 1));
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
