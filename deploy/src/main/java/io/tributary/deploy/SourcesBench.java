package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench sources}: an agent with every kind of source at 1,000 readings a second. */
@Command(
        name = "sources",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts an agent with a source of every kind and devices for each, 1,000 readings a second in all, and tells how"
                    + " quickly it was ready, its CPU time idle and loaded, its resident memory over time, and how long"
                    + " devices wait for their acknowledgement over TCP, MQTT and HTTP. In the end what was acknowledged is"
                    + " compared with what is stored, source by source. The broker is Mosquitto, where it is installed.",
        })
final class SourcesBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TAKEN = "tributary_agent_taken_readings_total";

    @Option(names = "--seconds", defaultValue = "60", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private long seconds;

    @Option(
            names = "--idle",
            defaultValue = "10",
            paramLabel = "N",
            description = "Seconds before it. Default: ${DEFAULT-VALUE}.")
    private long idleSeconds;

    @Option(names = "--opcua", description = "With an OPC UA server as well.")
    private boolean opcua;

    @Option(
            names = "--noise",
            paramLabel = "DIR",
            description =
                    "All files in here are sent as they are, again and again, to a TCP and a UDP source whose decoder cannot"
                            + " read them: in the second third of the time at a rate, in the last as fast as it goes. The"
                            + " sender has the lowest priority, as it stands for other machines.")
    private @Nullable Path noise;

    @Option(
            names = "--noise-rate",
            defaultValue = "64",
            paramLabel = "KIB",
            description = "A second to either source, in the second third. Default: ${DEFAULT-VALUE}.")
    private long noiseRate;

    @Option(names = "--java-opts", defaultValue = "", paramLabel = "OPTIONS", description = "More of the agent's JVM.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String javaOpts;

    private final Map<String, Long> acknowledged = new TreeMap<>();

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path()).withAgentEnvironment(Map.of("JAVA_OPTS", javaOpts));
                SourceLoad load = new SourceLoad(line, directory.path(), opcua)) {
            line.startCollector();
            load.startPeers(seconds);
            long began = System.nanoTime();
            line.startAgent();
            figures.add("sources.start_to_ready", (System.nanoTime() - began) / 1e9, "s");
            measure(figures, line, load);
            StoredCheck stored = new StoredCheck(line, figures, "sources");
            acknowledged.forEach((device, readings) -> stored.count(device, device, readings));
            load.compare(stored);
            taken(figures, line);
            stored.end();
        }
    }

    private void measure(Figures figures, Line line, SourceLoad load) throws IOException {
        ProcessProbe agent = new ProcessProbe(line.agent().pid());
        if (idleSeconds > 0) {
            pause(3); // what it does once, after the start
            double before = agent.cpuSeconds();
            pause(idleSeconds);
            figures.add("sources.idle_cpu", 100 * (agent.cpuSeconds() - before) / idleSeconds, "%");
        }
        figures.add("sources.idle_resident", agent.mebibytes("VmRSS"), "MiB");
        load.startDevices(seconds);
        List<double[]> samples = new ArrayList<>();
        try (AckProbe lines = new AckProbe(AckProbe.Kind.LINES, line.linesPort());
                AckProbe mqtt = new AckProbe(AckProbe.Kind.MQTT, line.agentPort("mqtt.listener"));
                AckProbe http = new AckProbe(AckProbe.Kind.HTTP, line.agentPort("http.in"))) {
            Phases phases = new Phases(figures, line, agent, samples, List.of(lines, mqtt, http));
            pause(3); // while the simulators start
            Path foreign = noise;
            if (foreign == null) {
                phases.run("quiet", seconds);
            } else {
                phases.run("quiet", seconds / 3);
                try (Program sender = sender(line, foreign, noiseRate)) {
                    phases.run("noise_" + noiseRate + "_kib_per_s", seconds / 3);
                }
                try (Program sender = sender(line, foreign, 0)) {
                    phases.run("noise_unbounded", seconds - 2 * (seconds / 3));
                }
            }
            memory(figures, agent, samples);
            load.awaitEnd(PATIENCE);
            for (AckProbe each : List.of(lines, mqtt, http)) {
                acknowledged.put(each.device(), each.finish());
            }
        }
    }

    private Program sender(Line line, Path foreign, long rate) {
        Installation installation = new Installation(root());
        return Program.start(
                Path.of("nice"),
                List.of(
                        "-n",
                        "19",
                        installation.script("deploy").toString(),
                        "bench",
                        "noise",
                        "--files",
                        foreign.toString(),
                        "--tcp",
                        String.valueOf(line.agentPort("wrong.tcp")),
                        "--udp",
                        String.valueOf(line.agentPort("wrong.udp")),
                        "--rate",
                        String.valueOf(rate)),
                Map.of(),
                line.file("noise.log"));
    }

    /** Parts of the time, and what is measured in each. */
    private record Phases(
            Figures figures, Line line, ProcessProbe agent, List<double[]> samples, List<AckProbe> probes) {
        void run(String name, long seconds) throws IOException {
            probes.forEach(AckProbe::take);
            double cpu = agent.cpuSeconds();
            double written = agent.writtenBytes();
            double letters = letters(line);
            sample(agent, samples, seconds);
            figures.add("sources." + name + ".cpu", 100 * (agent.cpuSeconds() - cpu) / seconds, "%");
            figures.add("sources." + name + ".written", (agent.writtenBytes() - written) / 1024 / seconds, "KiB/s");
            figures.add("sources." + name + ".dead_letters", (letters(line) - letters) / seconds, "/s");
            figures.add("sources." + name + ".resident", agent.mebibytes("VmRSS"), "MiB");
            for (AckProbe each : probes) {
                acknowledgements(figures, "sources." + name + "." + each.device() + ".ack", each.take());
            }
        }
    }

    private static double letters(Line line) {
        return line.agentApi().metrics().sum("tributary_agent_dead_letters_total");
    }

    private void memory(Figures figures, ProcessProbe agent, List<double[]> samples) throws IOException {
        int parts = 5;
        for (int i = 1; i <= parts; i++) {
            double[] at = samples.get(samples.size() * i / parts - 1);
            figures.add("sources.resident_after_" + Math.round(at[0]), at[1], "MiB");
        }
        figures.add("sources.resident_anonymous", agent.mebibytes("RssAnon"), "MiB");
        figures.add("sources.resident_files", agent.mebibytes("RssFile"), "MiB");
        figures.add("sources.resident_peak", agent.mebibytes("VmHWM"), "MiB");
        figures.add(
                "sources.resident_slope", slopePerHour(samples.subList(samples.size() / 2, samples.size())), "MiB/h");
    }

    /** Least squares. */
    static double slopePerHour(List<double[]> samples) {
        double time = samples.stream().mapToDouble(each -> each[0]).average().orElse(0);
        double size = samples.stream().mapToDouble(each -> each[1]).average().orElse(0);
        double over = 0;
        double under = 0;
        for (double[] each : samples) {
            over += (each[0] - time) * (each[1] - size);
            under += (each[0] - time) * (each[0] - time);
        }
        return under == 0 ? 0 : over / under * TimeUnit.HOURS.toSeconds(1);
    }

    private static void acknowledgements(Figures figures, String name, List<Double> sorted) {
        if (!sorted.isEmpty()) {
            figures.add(name + "_p50", sorted.get(sorted.size() / 2), "ms");
            figures.add(name + "_p99", sorted.get(sorted.size() * 99 / 100), "ms");
        }
    }

    private static void taken(Figures figures, Line line) {
        Map<String, Double> bySource = new TreeMap<>();
        line.agentApi().metrics().samples().forEach((name, value) -> {
            if (name.startsWith(TAKEN)) {
                bySource.put(name.replaceAll(".*source=\"([^\"]*)\".*", "$1"), value);
            }
        });
        bySource.forEach((source, value) -> figures.add("sources.taken." + source, value, "readings"));
        figures.add("sources.dead_letters", letters(line), "messages");
    }

    /** Every second, time and resident memory. */
    private static void sample(ProcessProbe agent, List<double[]> samples, long seconds) throws IOException {
        for (long i = 0; i < seconds; i++) {
            pause(1);
            samples.add(new double[] {samples.size() + 1, agent.mebibytes("VmRSS")});
        }
    }

    private static void pause(long seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
