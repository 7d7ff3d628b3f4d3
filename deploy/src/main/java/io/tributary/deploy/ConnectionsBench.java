package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench connections}: thousands of MQTT devices at an agent's listener, from one process. */
@Command(
        name = "connections",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Connects so many devices to an agent's MQTT listener, each over a connection of its own from one process, and"
                    + " tells the agent's memory before, with all of them connected, and after each has sent its messages;"
                    + " then compares what was acknowledged with what the collector has stored. Each end needs a file"
                    + " descriptor per connection: `ulimit -Hn` has to be above them, which the JVM raises its own limit to.",
        })
final class ConnectionsBench extends Measurement {
    private static final String LISTENER = "mqtt.listener";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Descriptors of a program for anything else. */
    private static final int OTHER_FILES = 500;

    @Option(names = "--count", defaultValue = "10000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(
            names = "--messages",
            defaultValue = "5",
            paramLabel = "N",
            description = "Of each device, QoS 1, with a reading. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--interval",
            defaultValue = "8",
            paramLabel = "SECONDS",
            description = "Between the messages of a device. Default: ${DEFAULT-VALUE}.")
    private int interval;

    @Option(
            names = "--mqtt-version",
            defaultValue = "5",
            paramLabel = "V",
            description = "3 (3.1.1) or 5. Default: ${DEFAULT-VALUE}.")
    private int version;

    @Option(names = "--java-opts", defaultValue = "", paramLabel = "OPTIONS", description = "More of the agent's JVM.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String javaOpts;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = line(directory.path())
                .withAgentEnvironment(Map.of("JAVA_OPTS", javaOpts))
                .withAgentSource(LISTENER, """
                          - type: mqtt-listener
                            listen: 127.0.0.1:${port}
                            connections-max: %d
                            sessions-max: %d
                            topics: [{topic: "sim/{device}", decode: {type: json, device: "{device}", time: {path: time, format: ns},
                              channels: [{path: "values.*", channel: "{1}"}]}}]
                        """.formatted(count, 2 * count))) {
            line.startCollector();
            line.startAgent();
            checkLimit(line.agent());
            measure(figures, line, directory.path().resolve("devices.ledger"));
        }
    }

    private void checkLimit(Program agent) throws IOException {
        long files = agent.probe().filesMax();
        if (files < count + OTHER_FILES) {
            throw new IllegalStateException("a program may have " + files + " files open here, expected at least "
                    + (count + OTHER_FILES) + ": raise the hard limit (ulimit -Hn), or lower --count");
        }
    }

    private void measure(Figures figures, Line line, Path ledger) throws IOException {
        ProcessProbe agent = line.agent().probe();
        figures.add("connections.before_resident", agent.mebibytes("VmRSS"), "MiB");
        figures.add("connections.before_anonymous", agent.mebibytes("RssAnon"), "MiB");
        Program devices = line.simulate(
                "devices",
                List.of(
                        "fleet",
                        "--quiet",
                        "--protocol",
                        "json",
                        "--mqtt-version",
                        String.valueOf(version),
                        "--devices",
                        String.valueOf(count),
                        "--connections",
                        String.valueOf(count),
                        "--channels",
                        "1",
                        "--interval",
                        interval + "s",
                        "--speed",
                        "1",
                        "--steps",
                        String.valueOf(messages),
                        "--to",
                        "mqtt://127.0.0.1:" + line.agentPort(LISTENER),
                        "--ledger",
                        ledger.toString()));
        double most = 0;
        double began = System.nanoTime();
        while (devices.isAlive()) {
            double now = line.agentApi().metrics().sum("tributary_agent_mqtt_listener_connections");
            if (now >= count && most < count) {
                figures.add("connections.all_after", (System.nanoTime() - began) / 1e9, "s");
                figures.add("connections.all_resident", agent.mebibytes("VmRSS"), "MiB");
                figures.add("connections.all_anonymous", agent.mebibytes("RssAnon"), "MiB");
            }
            most = Math.max(most, now);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        }
        devices.awaitSuccess(PATIENCE);
        Metrics metrics = line.agentApi().metrics();
        figures.add("connections.most", most, "connections");
        figures.add(
                "connections.turned_away", metrics.sum("tributary_agent_mqtt_listener_refused_connections_total"), "");
        figures.add(
                "connections.messages_taken",
                metrics.sum("tributary_agent_mqtt_listener_settled_total", "outcome=\"taken\""),
                "messages");
        figures.add("connections.peak_resident", agent.mebibytes("VmHWM"), "MiB");
        figures.add("connections.end_anonymous", agent.mebibytes("RssAnon"), "MiB");
        StoredCheck stored = new StoredCheck(line, figures, "connections");
        stored.ledger("devices", ledger, "sim-*");
        stored.end();
        if (most < count) {
            throw new IllegalStateException(most + " were connected at the same time, expected " + count);
        }
    }
}
