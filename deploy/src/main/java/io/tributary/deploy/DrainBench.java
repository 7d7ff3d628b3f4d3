package io.tributary.deploy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An agent that was offline comes back over a slow link that loses segments, while its devices go on: how late live readings
 * are while the backlog drains, how fast that is, and what it costs the collector.
 */
final class DrainBench {
    private static final double LINK_BYTES_PER_SECOND = BadLink.KBIT_PER_SECOND * 125;
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    /** Of the live fleet in a second: what is queued then is live. */
    private static final int LIVE_READINGS = 1_000;

    private final Line line;
    private final Figures figures;
    private final int minutes;

    /** @param minutes offline */
    DrainBench(Line line, Figures figures, int minutes) {
        this.line = line;
        this.figures = figures;
        this.minutes = minutes;
    }

    /** @param link is left open */
    void run(BadLink link) throws IOException {
        line.withUplinkAddress(link.address());
        line.startAgent();
        Program hour = fleet("hour", "--duration", minutes + "m", "--speed", "max");
        hour.awaitSuccess(PATIENCE);
        double backlog = metric("tributary_agent_outbox_readings");
        figures.add("drain.backlog", backlog, "readings");
        figures.add("drain.backlog_bytes", metric("tributary_agent_outbox_bytes"), "B");
        Program live = fleet("live", "--duration", "1h", "--speed", "1");
        line.startCollector();
        double cpu = line.collector().probe().cpuSeconds();
        link.leadTo(line.grpcPort());
        double bytes = link.bytesUp();
        Await.until(PATIENCE, () -> metric("tributary_agent_connected") == 1, () -> "the agent does not come back");
        Instant from = Instant.now();
        long begin = System.nanoTime();
        Await.until(
                PATIENCE,
                () -> metric("tributary_agent_outbox_readings") < 2 * LIVE_READINGS,
                () -> "the backlog does not drain");
        double seconds = (System.nanoTime() - begin) / 1e9;
        Instant to = Instant.now();
        bytes = link.bytesUp() - bytes;
        cpu = line.collector().probe().cpuSeconds() - cpu;
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3)); // the last live ones arrive
        live.close();
        report(seconds, backlog, bytes, cpu, lateness(from, to));
    }

    private void report(double seconds, double backlog, double bytes, double cpu, List<Double> lateness) {
        figures.add("drain.seconds", seconds, "s");
        figures.add("drain.readings_per_s", backlog / seconds, "readings/s");
        figures.add("drain.link_bytes_per_reading", bytes / (backlog + seconds * LIVE_READINGS), "B");
        figures.add("drain.link_use", bytes / seconds / LINK_BYTES_PER_SECOND, "");
        figures.add("drain.live_p50", quantile(lateness, 0.5), "s");
        figures.add("drain.live_p99", quantile(lateness, 0.99), "s");
        figures.add("drain.live_max", quantile(lateness, 1), "s");
        figures.add("drain.collector_cpu", cpu / seconds * 100, "%");
    }

    private Program fleet(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "fleet",
                "--devices",
                "100",
                "--channels",
                "10",
                "--interval",
                "1s",
                "--prefix",
                name + "-",
                "--to",
                line.framesUrl(),
                // A row is a frame of its own, as each device sends it.
                "--batch",
                "10",
                "--connections",
                "4",
                "--quiet"));
        arguments.addAll(List.of(more));
        return line.simulate(name, arguments);
    }

    private double metric(String name) {
        return line.agentApi().metrics().sum(name);
    }

    /** From event to durable at the collector, in seconds, ascending: one channel of each live device. */
    private List<Double> lateness(Instant from, Instant to) {
        List<Double> seconds = new ArrayList<>();
        String path =
                "/api/v1/readings?device=live-*&channel=temperature&format=csv&limit=100000&from=" + from + "&to=" + to;
        for (String row : line.collectorApi().text(path).split("\n")) {
            String[] fields = row.split(",");
            if (fields.length > 4 && fields[0].startsWith("live-")) {
                Duration late = Duration.between(Instant.parse(fields[2]), Instant.parse(fields[4]));
                seconds.add(late.toNanos() / 1e9);
            }
        }
        if (seconds.isEmpty()) {
            throw new IllegalStateException("no live reading arrived");
        }
        Collections.sort(seconds);
        return seconds;
    }

    private static double quantile(List<Double> sorted, double quantile) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.floor(quantile * sorted.size())));
    }
}
