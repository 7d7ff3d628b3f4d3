package io.tributary.deploy;

import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench recovery}: how long a collector takes to start after kill -9, against how much it holds. */
@Command(
        name = "recovery",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kills a collector with kill -9 right after a load, starts it again, and tells how long that took; again with"
                    + " more data. The start reads what heads held, never what is stored.",
        })
final class RecoveryBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @Option(
            names = "--rounds",
            defaultValue = "3",
            paramLabel = "N",
            description = "Loads, each followed by kill -9. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--devices", defaultValue = "1000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Rows of each device per round. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(
            names = "--heap",
            defaultValue = "128m",
            paramLabel = "SIZE",
            description = "Of the collector. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String heap;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path()).withCollectorEnvironment(StorageBench.environment(heap))) {
            line.startCollector();
            for (int round = 0; round < rounds; round++) {
                new FleetLoad(line, devices, steps)
                        .with("--start", "2024-0" + (1 + round % 9) + "-01T00:00:00Z")
                        .run("load-" + round, PATIENCE);
                round(figures, line, directory, round);
            }
        }
    }

    private void round(Figures figures, Line line, BenchDirectory directory, int round) throws IOException {
        double heads = line.collectorApi().metrics().sum("tributary_collector_storage_unflushed_log_bytes");
        line.killCollector();
        double held = BenchDirectory.bytes(directory.resolve("collector-data"));
        long begin = System.nanoTime();
        line.startCollector();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Metrics metrics = line.collectorApi().metrics();
        double stored = metrics.sum("tributary_collector_account_readings", "term=\"stored\"");
        double expected = (double) devices * steps * 10 * (round + 1);
        String name = "recovery." + (round + 1);
        figures.add(name + ".values_stored", stored, "values");
        figures.add(name + ".values_lost", expected - stored, "values");
        figures.add(name + ".directory", held / (1 << 20), "MiB");
        figures.add(name + ".unflushed_log", heads / (1 << 20), "MiB");
        figures.add(name + ".replay", metrics.sum("tributary_collector_storage_recovery_seconds"), "s");
        figures.add(name + ".start_to_ready", seconds, "s");
    }
}
