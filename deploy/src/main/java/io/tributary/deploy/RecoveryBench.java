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

/** {@code deploy/bench recovery}: how long a collector takes to start after kill -9, against how much it holds. */
@Command(
        name = "recovery",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kills a collector with kill -9 right after a load, starts it again, and tells how long that took; again with"
                    + " more data. The start reads what heads held, never what is stored.",
        })
final class RecoveryBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @Option(names = "--root", required = true, hidden = true)
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path root;

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

    @Option(names = "--json", description = "One JSON array instead of lines.")
    private boolean json;

    @Option(names = "--keep", description = "Leave the files where they are.")
    private boolean keep;

    @Override
    public Integer call() throws IOException {
        Figures figures = new Figures(new PrintStream(System.out, true, StandardCharsets.UTF_8), json);
        try (BenchDirectory directory = new BenchDirectory(keep);
                Line line = new Line(new Installation(root), directory.path())
                        .withCollectorEnvironment(StorageBench.environment(heap))) {
            line.startCollector();
            for (int round = 0; round < rounds; round++) {
                load(line, round);
                round(figures, line, directory, round);
            }
        } catch (ProgramFailedException | IllegalStateException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        figures.end();
        return 0;
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

    private void load(Line line, int round) {
        List<String> arguments = new ArrayList<>(List.of(
                "load",
                "--collector",
                line.grpcAddress(),
                "--devices",
                String.valueOf(devices),
                "--steps",
                String.valueOf(steps),
                "--start",
                "2024-0" + (1 + round % 9) + "-01T00:00:00Z"));
        Program program = line.simulate("load-" + round, arguments);
        if (program.awaitExit(PATIENCE) != 0) {
            throw new ProgramFailedException(program, "failed");
        }
    }
}
