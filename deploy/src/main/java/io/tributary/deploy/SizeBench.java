package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench size}: what sets of data take once they are folded, and which channel how much. */
@Command(
        name = "size",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends sets of data through the line, has the collector fold every bucket for good, and tells how many bytes a"
                    + " value takes: index, headers, event, edge and collector time and sequence included, then by channel.",
            "fleet, fleet-rounded: the fleet on which databases are compared, in full precision and as devices round. Others"
                    + " are read from --data: each is a folder of that name with the files of its publisher."
        })
final class SizeBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final String FOLD = "  cold-after: 1s\n";

    /** Files of a set and how firmware-sim reads them. */
    private record Source(String mapping, String pattern) {}

    private static final Map<String, List<Source>> SETS = sets();

    @Option(
            names = "--set",
            split = ",",
            defaultValue = "fleet,fleet-rounded,beijing-air,ampds2,tsbs-iot,nab",
            paramLabel = "NAME",
            description = "Default: ${DEFAULT-VALUE}; those without a folder are left out.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> sets;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Default: deploy/data, which has extracts of two of them.")
    private @Nullable Path data;

    @Option(
            names = "--devices",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Of a fleet, with 1,000 rows each. Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--bucket",
            paramLabel = "DURATION",
            description = "storage.bucket of the collector: a chunk holds a device's readings of so long at most.")
    private @Nullable String bucket;

    private static Map<String, List<Source>> sets() {
        Map<String, List<Source>> sets = new LinkedHashMap<>();
        sets.put("beijing-air", List.of(new Source("beijing-air", "PRSA_Data_*")));
        sets.put(
                "ampds2",
                List.of(
                        new Source("ampds2-electricity", "Electricity_*"),
                        new Source("ampds2-meter", "{NaturalGas,Water}_*")));
        sets.put("tsbs-iot", List.of(new Source("tsbs-iot", "*.lp*")));
        sets.put("nab", List.of(new Source("nab", "*.csv*")));
        return sets;
    }

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        Path folder = data == null ? new Installation(root()).data() : data;
        for (String set : sets) {
            boolean fleet = set.startsWith("fleet");
            if (!fleet && !SETS.containsKey(set)) {
                throw wrong("--set " + set + ", expected fleet, fleet-rounded or of " + SETS.keySet());
            }
            if (fleet || Files.isDirectory(folder.resolve(set))) {
                measure(figures, set, folder.resolve(set), directory.resolve(set));
            } else {
                System.err.println(set + " is left out: there is no folder " + folder.resolve(set));
            }
        }
    }

    private void measure(Figures figures, String set, Path files, Path directory) throws IOException {
        String storage = bucket == null ? "" : "  bucket: " + bucket + "\n";
        try (Line line = line(directory).withCollectorStorage(storage)) {
            line.startCollector();
            if (set.startsWith("fleet")) {
                FleetLoad load = new FleetLoad(line, devices, 1_000);
                (set.equals("fleet-rounded") ? load.with("--rounded") : load).run("load", PATIENCE);
            } else {
                line.startAgent();
                for (Source part : SETS.getOrDefault(set, List.of())) {
                    replay(line, part, files);
                }
                Await.until(
                        PATIENCE,
                        () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0,
                        () -> "the agent did not send everything");
                line.stopAgent();
            }
            line.stopCollector();
            line.withCollectorStorage(storage + FOLD);
            line.startCollector();
            StorageBench.settle(line);
            line.stopCollector();
        }
        try (Program sizes = Program.start(
                new Installation(root()).script(Installation.COLLECTOR),
                List.of("sizes", directory.resolve("collector-data").toString()),
                Map.of(),
                directory.resolve("sizes.log"))) {
            sizes.awaitSuccess(PATIENCE);
            for (String each : sizes.output()) {
                String[] words = each.split(" ", -1);
                int value = words.length - 2;
                if (value >= 1) {
                    String name = String.join("_", List.of(words).subList(0, value));
                    figures.add(set + "." + name, Double.parseDouble(words[value]), words[value + 1]);
                }
            }
        }
    }

    private void replay(Line line, Source part, Path folder) throws IOException {
        Path mapping = root().resolve("firmware-sim/mappings").resolve(part.mapping + ".yaml");
        String named = Files.exists(mapping) ? mapping.toString() : part.mapping;
        List<String> arguments =
                new ArrayList<>(List.of("replay", "--mapping", named, "--to", line.framesUrl(), "--quiet"));
        var matcher = folder.getFileSystem().getPathMatcher("glob:" + part.pattern);
        try (Stream<Path> found = Files.walk(folder)) {
            found.filter(file -> Files.isRegularFile(file) && matcher.matches(file.getFileName()))
                    .sorted()
                    .forEach(file -> arguments.add(file.toString()));
        }
        line.simulate("replay-" + part.mapping, arguments).awaitSuccess(PATIENCE);
    }
}
