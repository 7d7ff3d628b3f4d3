package io.tributary.deploy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench query}: how long the questions take on which databases were compared. */
@Command(
        name = "query",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Loads the fleet on which databases are compared into a collector, and asks it over HTTP: one client, one"
                    + " connection, warmed up, whole answers.",
            "Beside each median stands the best of the databases that were asked the same on 2 cores (peer_best)."
        })
final class QueryBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final String RANGE = "&from=2024-01-01&to=2024-01-02";

    /**
     * @param peerBest median in ms of the fastest of VictoriaMetrics, QuestDB, PostgreSQL, ClickHouse, IoTDB, InfluxDB
     */
    private record Question(String name, String path, double peerBest) {}

    private static final List<Question> QUESTIONS = List.of(
            new Question("last_all_devices_10_channels", "/api/v1/latest?format=table", 2.75),
            new Question("last_all_devices_1_channel", "/api/v1/latest?channel=temperature&format=table", 0.57),
            new Question(
                    "raw_1_device_1_channel_1_hour",
                    "/api/v1/readings?device=d000500&channel=temperature&from=2024-01-01T01:00:00Z&to=2024-01-01T02:00:00Z"
                            + "&format=table",
                    0.19),
            new Question(
                    "raw_1_device_10_channels",
                    "/api/v1/readings?device=d000500&limit=1000000&format=table" + RANGE,
                    0.94),
            new Question(
                    "avg_1_minute_1_device",
                    "/api/v1/aggregate?device=d000500&channel=temperature&every=1m&fn=avg" + RANGE,
                    0.21),
            new Question(
                    "avg_10_minutes_100_devices",
                    "/api/v1/aggregate?device=d0001??&channel=temperature&every=10m&fn=avg" + RANGE,
                    1.5),
            new Question("max_all_devices", "/api/v1/aggregate?channel=temperature&fn=max&group=none" + RANGE, 0.41));

    @Option(names = "--devices", defaultValue = "1000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Rows of each device. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--warm-up",
            defaultValue = "3",
            paramLabel = "SECONDS",
            description = "For each question. Default: ${DEFAULT-VALUE}.")
    private int warmUpSeconds;

    @Option(
            names = "--rounds",
            defaultValue = "300",
            paramLabel = "N",
            description = "Times that each question is asked and measured. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--ingest",
            description =
                    "Ask everything once more while the fleet goes on sending: batches are encoded and sent in turns,"
                            + " about half of the time each.")
    private boolean ingest;

    @Option(
            names = "--heap",
            defaultValue = "256m",
            paramLabel = "SIZE",
            description = "Of the collector. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String heap;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path())
                .withCollectorEnvironment(Map.of("TRIBUTARY_HEAP", heap))
                .withCollectorStorage("  head-age: 1s\n")) {
            line.startCollector();
            new FleetLoad(line, devices, steps).run("load", PATIENCE);
            Await.until(
                    PATIENCE,
                    () -> line.collectorApi().metrics().sum("tributary_collector_storage_head_bytes") == 0,
                    () -> "the heads did not become chunks");
            figures.add("values", (double) devices * steps * 10, "values");
            ask(line, figures, "", new Sending(line, false));
            if (ingest) {
                ask(line, figures, "ingest.", new Sending(line, true));
            }
        }
    }

    /** What the fleet goes on sending, behind the time that is asked for. */
    private final class Sending {
        private final Line line;
        private final boolean wanted;
        private int runs;

        Sending(Line line, boolean wanted) {
            this.line = line;
            this.wanted = wanted;
        }

        /** Starts a run unless one goes on. */
        void keepUp() {
            if (wanted && (runs == 0 || line.lastSimulatorEnded())) {
                runs++;
                new FleetLoad(line, devices, steps)
                        .with("--start", "2024-02-%02dT00:00:00Z".formatted(1 + runs % 28))
                        .start("ingest");
            }
        }
    }

    private void ask(Line line, Figures figures, String prefix, Sending sending) throws IOException {
        int port = URI.create(line.collectorApi().url("/")).getPort();
        try (QueryClient client = new QueryClient(port)) {
            for (Question question : QUESTIONS) {
                long end = System.nanoTime() + Duration.ofSeconds(warmUpSeconds).toNanos();
                while (System.nanoTime() < end) {
                    sending.keepUp();
                    client.get(question.path());
                }
                long[] nanos = new long[rounds];
                int bytes = 0;
                for (int i = 0; i < rounds; i++) {
                    sending.keepUp();
                    long began = System.nanoTime();
                    bytes = client.get(question.path());
                    nanos[i] = System.nanoTime() - began;
                }
                Arrays.sort(nanos);
                String name = prefix + question.name();
                figures.add(name + ".median", nanos[rounds / 2] / 1e6, "ms");
                figures.add(name + ".p99", nanos[Math.min(rounds - 1, rounds * 99 / 100)] / 1e6, "ms");
                figures.add(name + ".fastest", nanos[0] / 1e6, "ms");
                figures.add(name + ".answer", bytes, "B");
                figures.add(name + ".peer_best", question.peerBest(), "ms");
            }
        }
    }
}
