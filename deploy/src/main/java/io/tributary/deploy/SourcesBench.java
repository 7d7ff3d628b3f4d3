package io.tributary.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
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
                    + " quickly it was ready, its CPU time idle and loaded, its resident memory over time, and how long a"
                    + " device waits for its acknowledgement. The broker is Mosquitto, where it is installed.",
        })
final class SourcesBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int DATAGRAM_BYTES = 1024;
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
                    "In the second half, all files in here are sent as they are, again and again, to a TCP and a UDP source"
                            + " whose decoder cannot read them.")
    private @Nullable Path noise;

    @Option(names = "--java-opts", defaultValue = "", paramLabel = "OPTIONS", description = "More of the agent's JVM.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String javaOpts;

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
        }
    }

    private void measure(Figures figures, Line line, SourceLoad load) throws IOException {
        ProcessProbe agent = line.agent().probe();
        if (idleSeconds > 0) {
            pause(3); // what it does once, after the start
            double before = agent.cpuSeconds();
            pause(idleSeconds);
            figures.add("sources.idle_cpu", 100 * (agent.cpuSeconds() - before) / idleSeconds, "%");
        }
        figures.add("sources.idle_resident", agent.mebibytes("VmRSS"), "MiB");
        load.startDevices(seconds);
        double cpu = agent.cpuSeconds();
        List<double[]> samples = new ArrayList<>();
        List<Double> quiet;
        List<Double> disturbed;
        try (AckProbe probe = new AckProbe(line.linesPort())) {
            sample(agent, samples, seconds / 2);
            quiet = probe.take();
            Thread sender = noise == null ? null : noise(line);
            sample(agent, samples, seconds - seconds / 2);
            disturbed = probe.take();
            if (sender != null) {
                sender.interrupt();
            }
        }
        figures.add("sources.cpu", 100 * (agent.cpuSeconds() - cpu) / seconds, "%");
        memory(figures, agent, samples);
        acknowledgements(figures, "sources.ack_first_half", quiet);
        acknowledgements(figures, "sources.ack_second_half", disturbed);
        load.awaitEnd(PATIENCE);
        taken(figures, line);
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
        figures.add(
                "sources.dead_letters",
                line.agentApi().metrics().sum("tributary_agent_dead_letters_total"),
                "messages");
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

    // ---- noise ----

    private Thread noise(Line line) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(java.util.Objects.requireNonNull(noise))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Thread sender = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                for (Path file : files) {
                    if (Thread.currentThread().isInterrupted()) {
                        return;
                    }
                    try {
                        stream(line, Files.readAllBytes(file));
                    } catch (IOException e) {
                        System.err.println(file + " was not sent: " + e.getMessage());
                    }
                }
            }
        });
        sender.setDaemon(true);
        sender.start();
        return sender;
    }

    /** Over TCP whole, its answers read to the end; over UDP in datagrams, at the pace of TCP. */
    private static void stream(Line line, byte[] bytes) throws IOException {
        try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), line.agentPort("wrong.tcp"));
                DatagramSocket udp = new DatagramSocket()) {
            Thread answers = new Thread(() -> {
                try {
                    tcp.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    System.err.println("a connection with noise broke: " + e.getMessage());
                }
            });
            answers.start();
            for (int at = 0; at < bytes.length; at += DATAGRAM_BYTES) {
                byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + DATAGRAM_BYTES));
                tcp.getOutputStream().write(part);
                udp.send(new DatagramPacket(
                        part, part.length, InetAddress.getLoopbackAddress(), line.agentPort("wrong.udp")));
            }
            tcp.shutdownOutput();
            answers.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
