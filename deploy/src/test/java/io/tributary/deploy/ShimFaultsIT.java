package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Whole processes whose fsyncs fail and whose clocks are wrong, by {@link FaultShim}; as {@link FaultsIT} otherwise, from
 * which these runs take their rows and their counts.
 */
final class ShimFaultsIT {
    private static final long HOUR_NS = Duration.ofHours(1).toNanos();
    private static final int LINES = 30;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    @BeforeEach
    void needsACompiler() {
        assumeTrue(FaultShim.isPossible(), "needs Linux and cc");
    }

    private FaultRun run(String name) {
        return FaultRun.of(name, new Line(installation, directory), directory, Long.getLong("faults.seed", 20261121));
    }

    private static int times(String what, int normally) {
        return Integer.getInteger("faults." + what, normally);
    }

    /** The agent's, every so many for a while, and none for a while. */
    @Test
    void agentsFsyncFails() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run("EIO on every n-th fsync of the agent")) {
            run.line.withAgentEnvironment(shim.environment());
            run.start();
            for (int i = times("failing-fsyncs", 3); i > 0; i--) {
                run.work(500, 1_500);
                long every = run.random().nextLong(2, 40);
                run.counted(() -> shim.failFsync(every));
                run.work(1_500, 3_000);
                shim.failFsync(0);
                long before = run.accepted();
                Await.until(
                        Duration.ofSeconds(60),
                        () -> run.accepted() > before + 1_000,
                        () -> "nothing is taken after fsync works again");
            }
            run.finish();
        }
    }

    /** The collector's: nothing is acknowledged, the agent keeps it and sends it again. */
    @Test
    void collectorsFsyncFails() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run("EIO on every n-th fsync of the collector")) {
            run.line.withCollectorEnvironment(shim.environment());
            run.start();
            for (int i = times("failing-fsyncs", 2); i > 0; i--) {
                run.work(500, 1_500);
                long every = run.random().nextLong(2, 40);
                run.counted(() -> shim.failFsync(every));
                run.work(1_500, 3_000);
                shim.failFsync(0);
            }
            run.finish();
        }
    }

    /** An hour back, an hour ahead, a day back, years ahead, under load and while the agent is killed in between. */
    @Test
    void clockJumps() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        long[] jumps = {-HOUR_NS, HOUR_NS, -24 * HOUR_NS, 3 * 365 * 24 * HOUR_NS, 0};
        try (FaultRun run = run("clock of the agent set by hours, a day, years")) {
            run.line
                    .withAgentEnvironment(shim.environment())
                    .withAgentOutbox(directory.resolve("agent-outbox"), "  max-age: 30d\n");
            run.start();
            for (int i = 0; i < times("clock-jumps", 3); i++) {
                long jump = jumps[i % jumps.length];
                run.work(300, 1_000);
                run.counted(() -> shim.clock(jump));
                long before = run.accepted();
                Await.until(
                        Duration.ofSeconds(120),
                        () -> run.accepted() > before + 200,
                        () -> "nothing is taken after the clock was set");
                run.work(300, 1_500);
                if (run.random().nextInt(4) == 0) {
                    run.fault(run.line::killAgent, run.line::startAgent);
                }
            }
            shim.clock(0);
            run.finish();
        }
    }

    /**
     * Booted in 1970 without a collector: what is taken then gets the time at which it was taken, once the agent can compare
     * its clock, within the bound that the collector tells.
     */
    @Test
    void bootedIn1970_stampsAreCorrected() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run("clock of the agent in 1970 at boot, an hour back in mid-run")) {
            run.line.withAgentEnvironment(shim.environment());
            run.line.startCollector();
            run.line.killCollector();
            shim.clock(-nowNs());
            run.startBehindCollector();
            List<long[]> taken = new ArrayList<>();
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = 0; i < LINES; i++) {
                    taken.add(takeOne(device, i));
                    if (i == LINES / 2) {
                        run.counted(() -> shim.clock(-nowNs() + 20 * HOUR_NS));
                        run.line.startCollector();
                        Await.until(Duration.ofSeconds(60), () -> isConnected(run.line), () -> "no session");
                    }
                    run.work(10, 100);
                }
                run.counted(() -> shim.clock(0));
                run.work(500, 1_000);
                run.counted(() -> shim.clock(-HOUR_NS));
                for (int i = LINES; i < 2 * LINES; i++) {
                    taken.add(takeOne(device, i));
                    run.work(10, 50);
                }
            }
            run.finish();
            checkTimes(run.line, taken);
        }
    }

    private static boolean isConnected(Line line) {
        return line.agentApi().metrics().sum("tributary_agent_connected") == 1;
    }

    private static long nowNs() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** A line without a time; when it was sent, and when it was answered, by the right clock. */
    private static long[] takeOne(LineConnection device, int number) throws java.io.IOException {
        long sent = nowNs();
        device.send("clock,device=unstamped value=" + number + "i\n");
        device.awaitDurable(number + 1L);
        return new long[] {sent, nowNs()};
    }

    private static void checkTimes(Line line, List<long[]> taken) {
        JsonNode clock = line.collectorApi().json("/api/v1/agents/demo-agent/clock");
        long boundNs = 0;
        for (JsonNode correction : clock.get("corrections")) {
            boundNs = Math.max(boundNs, correction.get("error_ns").asLong());
        }
        assertThat(clock.get("corrections").size()).as(clock.toString()).isPositive();
        JsonNode readings = line.collectorApi()
                .json("/api/v1/readings?device=unstamped&from=1970-01-01&to=2100-01-01&limit=1000")
                .get("readings");
        assertThat(readings.size()).as(readings.toString()).isEqualTo(taken.size());
        for (JsonNode reading : readings) {
            long[] between = taken.get(reading.get("value").asInt());
            Instant time = Instant.parse(reading.get("event_time").asString());
            long stored = time.getEpochSecond() * 1_000_000_000L + time.getNano();
            assertThat(stored)
                    .as("%s, taken between %d and %d, corrections %s", reading, between[0], between[1], clock)
                    .isBetween(between[0] - boundNs, between[1] + boundNs);
        }
    }
}
