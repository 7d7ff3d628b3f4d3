package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code deploy/bench storage}: how fast readings are taken, what they cost, and how small they become. */
@Command(
        name = "storage",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends the fleet on which databases are compared to a collector, over gRPC, and waits for acknowledgements,"
                    + " which come after fsync.",
            "Batches are encoded before the clock starts. The collector has a small heap and small budgets. Afterwards it"
                    + " is started again so that it folds every bucket for good, and what lies on disk is measured.",
            "full: 1 device per batch; rounded: as devices round; faults: full with 5 %% late and 1 %% duplicate rows;"
                    + " gateway: 10 devices per batch; rows: a row of each of 1,000 devices per batch; rollups: full, with"
                    + " rollups of 1 m and 1 h."
        })
final class StorageBench extends Measurement {
    private static final Map<String, List<String>> SCENARIOS = scenarios();
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final int QUIET_POLLS = 5;
    private static final int CHANNELS = 10;
    private static final int TIMES_ASKED = 7;
    /** A quarter of the default budgets. */
    private static final String SMALL = "  heads: 16MiB\n  write-buffer: 16MiB\n  block-cache: 16MiB\n";

    private static final String ROLLUPS = "retention:\n  rollups:\n  - every: 1m\n  - every: 1h\n";

    @Option(
            names = "--scenario",
            split = ",",
            defaultValue = "full,rounded,faults,rows",
            paramLabel = "NAME",
            description = "Of full, rounded, faults, gateway, rows, rollups. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> scenarios;

    @Option(names = "--devices", defaultValue = "1000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Measured rows of each device. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(
            names = "--warm-up-steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Rows of each device before them, while the JVM compiles. Default: ${DEFAULT-VALUE}.")
    private long warmUpSteps;

    @Option(
            names = "--warm-up-rounds",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "How often these are sent, each time later: until the collector's compilers take less than 3 %%"
                            + " of its CPU time, as in one that runs for months; at most N times. Default: ${DEFAULT-VALUE}.")
    private int warmUpRounds;

    @Option(
            names = "--series",
            defaultValue = "0",
            paramLabel = "N",
            description = "Instead: N series, of ten channels per device, with 10 readings each and a heap of 1g.")
    private int series;

    @Option(
            names = "--heap",
            defaultValue = "80m",
            paramLabel = "SIZE",
            description = "Of the collector. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String heap;

    private static Map<String, List<String>> scenarios() {
        Map<String, List<String>> scenarios = new LinkedHashMap<>();
        scenarios.put("full", List.of());
        scenarios.put("rounded", List.of("--rounded"));
        scenarios.put("faults", List.of("--late", "5", "--duplicate", "1"));
        scenarios.put("gateway", List.of("--batch-devices", "10"));
        scenarios.put("rows", List.of("--batch-devices", "1000"));
        scenarios.put("rollups", List.of());
        return scenarios;
    }

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        Map<String, List<String>> asked = new LinkedHashMap<>();
        if (series > 0) {
            devices = Math.max(1, series / CHANNELS);
            steps = 10;
            warmUpSteps = 0;
            warmUpRounds = 1;
            heap = "1g";
            asked.put("series", List.of("--batch-devices", "1000"));
        } else {
            for (String name : scenarios) {
                List<String> arguments = SCENARIOS.get(name);
                if (arguments == null) {
                    throw wrong("--scenario " + name + ", expected of " + SCENARIOS.keySet());
                }
                asked.put(name, arguments);
            }
        }
        for (Map.Entry<String, List<String>> each : asked.entrySet()) {
            measure(figures, each.getKey(), each.getValue(), directory.resolve(each.getKey()));
        }
    }

    private void measure(Figures figures, String name, List<String> arguments, Path directory) throws IOException {
        try (Line line =
                line(directory).withCollectorEnvironment(environment(heap)).withCollectorStorage(storage(name))) {
            line.startCollector();
            Load load = new Load(new FleetLoad(line, devices, steps)
                    .with("--warm-up-steps", String.valueOf(warmUpSteps))
                    .with("--warm-up-rounds", String.valueOf(warmUpRounds))
                    .with(arguments.toArray(String[]::new))
                    .measure("load", PATIENCE));
            load.report(figures, name);
            Metrics metrics = line.collectorApi().metrics();
            figures.add(name + ".commits", metrics.sum("tributary_collector_storage_commit_groups_total"), "fsyncs");
            figures.add(name + ".flushes", metrics.sum("tributary_collector_storage_flushes_total"), "flushes");
            if (series > 0) {
                ask(figures, name, line);
            }
            // The warm-up included: what was flushed while it went on, and not what its heads hold.
            double loaded = line.collector().probe().writtenBytes();
            figures.add(name + ".load_written_bytes_per_value", loaded / load.allValues(), "B");
            line.stopCollector();
            line.withCollectorStorage("  cold-after: 1s\n" + storage(name));
            line.startCollector();
            settle(line);
            metrics = line.collectorApi().metrics();
            double written = line.collector().probe().writtenBytes();
            line.stopCollector();
            double values = load.allValues();
            double chunks = metrics.sum("tributary_collector_storage_chunk_store_bytes");
            double log = metrics.sum("tributary_collector_storage_log_bytes");
            double all = BenchDirectory.bytes(directory.resolve("collector-data"));
            figures.add(name + ".fold_written_bytes_per_value", written / values, "B");
            figures.add(name + ".chunk_bytes_per_value", chunks / values, "B");
            figures.add(name + ".log_bytes_per_value", log / values, "B");
            figures.add(name + ".directory_bytes_per_value", all / values, "B");
        }
    }

    /** Section {@code storage}, and what else follows it. */
    private String storage(String name) {
        return (series > 0 ? "" : SMALL) + (name.equals("rollups") ? ROLLUPS : "");
    }

    /** What questions about so many series take: the fastest of a few times, in a warm JVM. */
    private void ask(Figures figures, String name, Line line) throws IOException {
        Metrics metrics = line.collectorApi().metrics();
        figures.add(name + ".head_bytes", metrics.sum("tributary_collector_storage_head_bytes"), "B");
        figures.add(name + ".head_budget", metrics.sum("tributary_collector_storage_head_budget_bytes"), "B");
        Map<String, String> questions = new LinkedHashMap<>();
        questions.put("latest_of_a_device", "/api/v1/latest?device=d000042");
        questions.put("latest_of_100_devices", "/api/v1/latest?device=d0000*");
        questions.put(
                "latest_of_1000_devices_1_channel", "/api/v1/latest?device=d000*&channel=temperature&format=table");
        questions.put("devices_first_10000", "/api/v1/devices?limit=10000");
        questions.put("devices_by_pattern", "/api/v1/devices?match=d0000*&limit=1000");
        try (QueryClient client = new QueryClient(line.httpPort())) {
            for (Map.Entry<String, String> question : questions.entrySet()) {
                long fastest = Long.MAX_VALUE;
                for (int i = 0; i < TIMES_ASKED; i++) {
                    long begin = System.nanoTime();
                    client.get(question.getValue());
                    fastest = Math.min(fastest, System.nanoTime() - begin);
                }
                figures.add(name + "." + question.getKey(), fastest / 1e6, "ms");
            }
        }
    }

    /** On two cores the serial collector takes the least CPU time. */
    static Map<String, String> environment(String heap) {
        return Map.of("TRIBUTARY_HEAP", heap, "JAVA_OPTS", "-XX:-UseG1GC -XX:+UseSerialGC");
    }

    /** Until everything is flushed, and nothing has been folded for a while. */
    static void settle(Line line) {
        double[] before = {-1};
        int[] quiet = {0};
        Await.until(
                PATIENCE,
                () -> {
                    Metrics metrics = line.collectorApi().metrics();
                    double done = metrics.sum("tributary_collector_storage_fold_bytes_total")
                            + metrics.sum("tributary_collector_storage_chunk_store_bytes")
                            + metrics.sum("tributary_collector_storage_flushes_total");
                    boolean flushed = metrics.sum("tributary_collector_storage_head_bytes") == 0;
                    quiet[0] = flushed && done == before[0] ? quiet[0] + 1 : 0;
                    before[0] = done;
                    return quiet[0] >= QUIET_POLLS || Await.holds(Duration.ofSeconds(1), () -> false);
                },
                () -> "folding did not end");
    }

    /** What the load run told. */
    private record Load(JsonNode json) {
        double value(String name) {
            return json.path(name).asDouble();
        }

        double allValues() {
            return value("values") + value("warm_up_values");
        }

        void report(Figures figures, String name) {
            double values = value("values");
            double cpu = value("collector_cpu_seconds");
            figures.add(name + ".values", values, "values");
            figures.add(name + ".warm_up_values", value("warm_up_values"), "values");
            if (json.has("warm_up_rounds")) {
                figures.add(name + ".warm_up_rounds", value("warm_up_rounds"), "rounds");
                figures.add(name + ".warm_up_compiler_share", value("warm_up_compiler_share"), "");
            }
            figures.add(name + ".values_per_second", Math.rint(values / value("seconds")), "values/s");
            figures.add(name + ".values_per_cpu_second", Math.rint(values / cpu), "values/s");
            figures.add(
                    name + ".values_per_cpu_second_without_compilers",
                    Math.rint(values / (cpu - value("collector_compiler_seconds"))),
                    "values/s");
            figures.add(name + ".sent_bytes_per_value", value("sent_bytes") / values, "B");
            figures.add(name + ".written_bytes_per_value", value("collector_written_bytes") / values, "B");
            figures.add(name + ".resident_peak", value("collector_resident_peak_bytes") / (1 << 20), "MiB");
            figures.add(name + ".ack_p50", value("ack_p50_ms"), "ms");
            figures.add(name + ".ack_p99", value("ack_p99_ms"), "ms");
        }
    }
}
