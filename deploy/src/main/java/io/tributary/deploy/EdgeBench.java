package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code deploy/bench edge}: how fast an agent makes readings durable, what they cost it, and how fast it catches up. */
@Command(
        name = "edge",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends readings to an agent as devices do; every answer comes after fsync. Clients, agent and, for the last"
                    + " two, a collector share the machine.",
            "batches, rows: TCP frames of 1,000 readings; publishes: MQTT QoS 1, one reading each; catch-up: a backlog of"
                    + " such batches to a collector that comes back; flash: bytes written to the device by 1,000 readings/s,"
                    + " with the link up and down; offline: the same for hours without a link, time-compressed, in batches as they are"
                    + " then, for what flushes and compactions write; drain: an hour offline at 1,000 readings/s, time-compressed, then over 2 Mbit/s,"
                    + " 50 ms each way, with loss, with live readings beside it."
        })
final class EdgeBench extends Measurement {
    private static final List<String> SCENARIOS =
            List.of("batches", "rows", "publishes", "catch-up", "flash", "offline", "drain");
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int FRAME_READINGS = 1000;
    /** As many readings wait for a catch-up as are pressed otherwise, times this. */
    private static final int CATCH_UP_TIMES = 5;

    private static final String LISTENER = "mqtt.listener";

    @Option(
            names = "--scenario",
            split = ",",
            defaultValue = "batches,rows,publishes,catch-up,flash,offline,drain",
            paramLabel = "NAME",
            description = "Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> scenarios;

    @Option(
            names = "--readings",
            defaultValue = "6000000",
            paramLabel = "N",
            description = "In frames, after a third as many to warm up. Default: ${DEFAULT-VALUE}.")
    private int readings;

    @Option(
            names = "--publishes",
            defaultValue = "400000",
            paramLabel = "N",
            description = "After half as many to warm up. Default: ${DEFAULT-VALUE}.")
    private int publishes;

    @Option(
            names = "--flash-seconds",
            defaultValue = "30",
            paramLabel = "N",
            description = "With the link up, and as long without it. Default: ${DEFAULT-VALUE}.")
    private int flashSeconds;

    @Option(
            names = "--offline-minutes",
            defaultValue = "60",
            paramLabel = "N",
            description = "Of offline and drain. Default: ${DEFAULT-VALUE}.")
    private int offlineMinutes;

    @Option(
            names = "--link",
            defaultValue = "packets",
            paramLabel = "KIND",
            description =
                    "Of drain. packets: with the kernel's TCP, needs root; stream: a proxy, as which a lost segment"
                            + " is a standstill. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String link;

    @Option(
            names = "--loss",
            defaultValue = "1",
            paramLabel = "PERCENT",
            description = "Of drain, each way. Default: ${DEFAULT-VALUE}.")
    private double loss;

    @Option(
            names = "--linger",
            defaultValue = "5ms",
            paramLabel = "DURATION",
            description = "outbox.linger of the agent. Default: ${DEFAULT-VALUE}, as it is installed.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String linger;

    @Option(
            names = "--agent-jvm",
            defaultValue = "",
            paramLabel = "OPTIONS",
            description = "More options of the agent's JVM (JAVA_OPTS): -XX:-TieredCompilation for one.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String agentJvm;

    @Option(
            names = "--agent-heap",
            defaultValue = "64m",
            paramLabel = "SIZE",
            description = "Of the agent. Default: ${DEFAULT-VALUE}, as it is installed.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String agentHeap;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        for (String name : scenarios) {
            if (!SCENARIOS.contains(name)) {
                throw wrong("--scenario " + name + ", expected of " + SCENARIOS);
            }
        }
        for (String name : scenarios) {
            try (Line line = installed(directory.resolve(name))) {
                // The agent has to know where the collector will be.
                line.startCollector();
                line.stopCollector();
                if (name.equals("drain")) {
                    // A row is a batch, as they come in real time.
                    line.withAgentOutbox(
                            directory.resolve("drain-outbox"),
                            "  max-bytes: 1GiB\n  linger: 0ms\n  batch-readings: 10\n");
                    try (BadLink over = badLink(line)) {
                        new DrainBench(line, figures, offlineMinutes).run(over);
                    }
                } else {
                    line.startAgent();
                    measure(figures, name, line);
                }
            }
        }
    }

    private BadLink badLink(Line line) throws IOException {
        return switch (link) {
            case "packets" -> new BadLink.Packets(new Installation(root()), line.grpcPort(), loss);
            case "stream" -> new BadLink.Stream(loss);
            default -> throw wrong("--link " + link + ", expected packets or stream");
        };
    }

    private Line installed(Path directory) {
        return line(directory)
                .withAgentOutbox(directory.resolve("agent-outbox"), "  max-bytes: 4GiB\n  linger: " + linger + "\n")
                .withAgentForward("  drain-timeout: 0s\n  progress-timeout: 5s\n")
                .withAgentEnvironment(Map.of("JAVA_OPTS", agentJvm, "TRIBUTARY_HEAP", agentHeap))
                .withSimulatorEnvironment(Map.of("TRIBUTARY_HEAP", "1g"))
                .withAgentSource(LISTENER, """
                          - type: mqtt-listener
                            listen: 127.0.0.1:${port}
                            topics:
                              - topic: load/{device}/{channel}
                                decode: {type: plain}
                        """);
    }

    private void measure(Figures figures, String name, Line line) throws IOException {
        switch (name) {
            case "batches", "rows" -> press(figures, line, name, line.framesUrl(), readings / FRAME_READINGS, 3);
            case "publishes" -> press(figures, line, name, "tcp://127.0.0.1:" + line.agentPort(LISTENER), publishes, 2);
            case "catch-up" -> catchUp(figures, line);
            case "offline" -> {
                line.stopAgent();
                // As many readings as a batch has at 1,000 readings/s, whatever comes at once.
                line.withAgentOutbox(line.file("offline"), "  max-bytes: 4GiB\n  batch-readings: 360\n");
                line.startAgent();
                written(figures, line, "offline", each -> fleet(each, offlineMinutes * 60, "max"));
            }
            default -> flash(figures, line);
        }
    }

    // ---- intake ----

    private void press(Figures figures, Line line, String form, String url, int messages, int warmUpShare) {
        Metrics before = line.agentApi().metrics();
        JsonNode told = pressed(line, form, url, messages, messages / warmUpShare);
        Metrics after = line.agentApi().metrics();
        double taken = told.get("readings").asDouble();
        double seconds = told.get("seconds").asDouble();
        double all = difference(before, after, "tributary_agent_next_sequence");
        double bytes = difference(before, after, "tributary_agent_outbox_batch_bytes_total");
        figures.add(form + ".readings_per_s", taken / seconds, "readings/s");
        figures.add(form + ".ack_p50", told.get("ack_p50_ms").asDouble(), "ms");
        figures.add(form + ".ack_p99", told.get("ack_p99_ms").asDouble(), "ms");
        figures.add(form + ".outbox_bytes_per_value", bytes / all, "B");
        figures.add(
                form + ".readings_per_fsync",
                all / difference(before, after, "tributary_agent_commit_groups_total"),
                "readings");
        figures.add(
                form + ".agent_cpu_per_reading", told.get("agent_cpu_seconds").asDouble() / taken * 1e9, "ns");
        figures.add(form + ".agent_compiler", told.get("agent_compiler_seconds").asDouble(), "s");
        figures.add(form + ".written_per_value", told.get("agent_written_bytes").asDouble() / taken, "B");
        figures.add(
                form + ".agent_resident_peak",
                told.get("agent_resident_peak_bytes").asDouble() / (1 << 20),
                "MiB");
        figures.add(form + ".retries", told.get("retries").asDouble(), "retries");
    }

    private static JsonNode pressed(Line line, String form, String url, int messages, int warmUp) {
        boolean mqtt = form.equals("publishes");
        List<String> arguments = new ArrayList<>(List.of(
                "press",
                "--agent",
                url.substring("tcp://".length()),
                "--form",
                form,
                "--messages",
                String.valueOf(messages),
                "--warm-up",
                String.valueOf(warmUp),
                "--connections",
                mqtt ? "16" : "2",
                "--window",
                mqtt ? "256" : "32",
                "--pid",
                String.valueOf(line.agent().pid()),
                "--json"));
        Program program = line.simulate("press-" + form, arguments);
        program.awaitSuccess(PATIENCE);
        return new JsonMapper().readTree(program.output().get(0));
    }

    private static double difference(Metrics before, Metrics after, String name) {
        return after.sum(name) - before.sum(name);
    }

    // ---- catch-up ----

    /** A collector that stands still for as long as the backlog grows, and then goes on: both are warm, as after days. */
    private void catchUp(Figures figures, Line line) throws IOException {
        line.startCollector();
        Await.until(PATIENCE, () -> agent(line, "connected") > 0, () -> "the agent does not find its collector");
        int frames = CATCH_UP_TIMES * readings / FRAME_READINGS;
        pressed(line, "batches", line.framesUrl(), frames / 2, 0);
        Await.until(PATIENCE, () -> agent(line, "outbox_readings") == 0, () -> "the outbox does not drain");
        line.freezeCollector();
        pressed(line, "batches", line.framesUrl(), frames, 0);
        Await.until(PATIENCE, () -> agent(line, "connected") == 0, () -> "the agent does not give the session up");
        double queued = agent(line, "outbox_readings");
        line.thawCollector();
        Await.until(PATIENCE, () -> agent(line, "outbox_readings") < 0.9 * queued, () -> "nothing is acknowledged");
        double agentCpu = line.agent().probe().cpuSeconds();
        double collectorCpu = line.collector().probe().cpuSeconds();
        long begin = System.nanoTime();
        double left = agent(line, "outbox_readings");
        Await.until(PATIENCE, () -> agent(line, "outbox_readings") == 0, () -> "the backlog does not drain");
        double seconds = (System.nanoTime() - begin) / 1e9;
        figures.add("catch_up.backlog", queued, "values");
        figures.add("catch_up.measured", left, "values");
        figures.add("catch_up.values_per_s", left / seconds, "values/s");
        figures.add("catch_up.agent_cpu_per_value", (line.agent().probe().cpuSeconds() - agentCpu) / left * 1e9, "ns");
        figures.add(
                "catch_up.collector_cpu_per_value",
                (line.collector().probe().cpuSeconds() - collectorCpu) / left * 1e9,
                "ns");
    }

    private static double agent(Line line, String metric) {
        return line.agentApi().metrics().sum("tributary_agent_" + metric);
    }

    // ---- flash ----

    private void flash(Figures figures, Line line) throws IOException {
        line.startCollector();
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_connected") > 0,
                () -> "the agent does not find its collector");
        written(figures, line, "flash.online", each -> fleet(each, flashSeconds, "1"));
        written(figures, line, "flash.online_dense", this::dense);
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0,
                () -> "the outbox does not drain");
        line.stopCollector();
        written(figures, line, "flash.offline", each -> fleet(each, flashSeconds, "1"));
        written(figures, line, "flash.offline_dense", this::dense);
    }

    private void dense(Line line) {
        pressed(line, "batches", line.framesUrl(), readings / FRAME_READINGS, 0);
    }

    /** What a load makes the agent write to its device, beside the encoded batches that it buffers. */
    private static void written(Figures figures, Line line, String name, Consumer<Line> load) throws IOException {
        Metrics before = line.agentApi().metrics();
        long written = line.agent().probe().writtenBytes();
        load.accept(line);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        Metrics after = line.agentApi().metrics();
        double bytes = line.agent().probe().writtenBytes() - written;
        double taken = difference(before, after, "tributary_agent_next_sequence");
        double batches = difference(before, after, "tributary_agent_outbox_batch_bytes_total");
        figures.add(name + ".readings", taken, "readings");
        figures.add(
                name + ".readings_per_fsync",
                taken / difference(before, after, "tributary_agent_commit_groups_total"),
                "readings");
        figures.add(name + ".buffered_per_reading", batches / taken, "B");
        figures.add(name + ".written_per_reading", bytes / taken, "B");
        figures.add(name + ".written_over_buffered", bytes / batches, "times");
    }

    /** 1,000 readings a second, a frame for each row. */
    private static void fleet(Line line, int seconds, String speed) {
        Program fleet = line.simulate(
                "fleet",
                List.of(
                        "fleet",
                        "--devices",
                        "100",
                        "--shape",
                        "reference-rounded",
                        "--interval",
                        "1s",
                        "--duration",
                        seconds + "s",
                        "--speed",
                        speed,
                        "--batch",
                        "10",
                        "--to",
                        line.framesUrl(),
                        "--quiet"));
        fleet.awaitSuccess(PATIENCE);
    }
}
