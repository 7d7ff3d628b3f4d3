package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Whole processes whose fsyncs and writes fail and whose clocks are wrong, by {@link FaultShim}; as {@link FaultsIT} otherwise, from
 * which these runs take their rows and their counts.
 */
final class ShimFaultsIT {
    private static final long HOUR_NS = Duration.ofHours(1).toNanos();
    private static final int LINES = 30;
    /** Of a time service's word, and a little for the rounding of corrections and the drift since. */
    private static final long BOUND_MAX_NS = 600_000_000;

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

    /** What the shim is told to do to every n-th. */
    private interface Failing {
        void every(FaultShim shim, long n) throws IOException;
    }

    @Test
    void agentsFsyncFails() throws Exception {
        agentsFail("EIO on every n-th fsync of the agent", FaultShim::failFsync);
    }

    @Test
    void agentsWriteFails() throws Exception {
        agentsFail("EIO on every n-th write of the agent", FaultShim::failWrite);
    }

    @Test
    void collectorsFsyncFails() throws Exception {
        collectorsFail("EIO on every n-th fsync of the collector", FaultShim::failFsync);
    }

    @Test
    void collectorsWriteFails() throws Exception {
        collectorsFail("EIO on every n-th write of the collector", FaultShim::failWrite);
    }

    /** Every so many for a while, and none for a while: what was not durable is refused, and devices send it again. */
    private void agentsFail(String name, Failing how) throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run(name)) {
            run.line.withAgentEnvironment(shim.environment());
            run.start();
            for (int i = times("failing-fsyncs", 3); i > 0; i--) {
                fail(
                        run,
                        shim,
                        how,
                        () -> run.line
                                .agentApi()
                                .metrics()
                                .sum("tributary_agent_refused_readings_total", "cause=\"storage-failed\""));
                long before = run.accepted();
                Await.until(
                        Duration.ofSeconds(60),
                        () -> run.accepted() > before + 1_000,
                        () -> "nothing is taken after the disk works again");
            }
            run.finish();
        }
    }

    /** Nothing is acknowledged, the agent keeps it and sends it again. */
    private void collectorsFail(String name, Failing how) throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run(name)) {
            run.line.withCollectorEnvironment(shim.environment());
            run.start();
            for (int i = times("failing-fsyncs", 2); i > 0; i--) {
                fail(
                        run,
                        shim,
                        how,
                        () -> run.line
                                .collectorApi()
                                .metrics()
                                .sum("tributary_collector_storage_failed_commit_groups_total"));
            }
            run.finish();
        }
    }

    /** Until a program has told of it: a fault that does not happen would prove nothing. */
    private static void fail(FaultRun run, FaultShim shim, Failing how, DoubleSupplier toldOf) throws IOException {
        run.work(500, 1_500);
        double told = toldOf.getAsDouble();
        long failed = shim.failed();
        long every = run.random().nextLong(2, 40);
        run.counted(() -> how.every(shim, every));
        run.work(1_500, 3_000);
        Await.until(
                Duration.ofSeconds(60),
                () -> toldOf.getAsDouble() > told,
                () -> "no commit failed, of every " + every + "th");
        how.every(shim, 0);
        assertThat(shim.failed()).isGreaterThan(failed);
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
            List<Taken> taken = new ArrayList<>();
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = 0; i < LINES; i++) {
                    taken.add(takeOne(device, i, i, shim));
                    if (i == LINES / 2) {
                        run.counted(() -> shim.clock(-nowNs() + 20 * HOUR_NS));
                        reconnect(run);
                    }
                    run.work(10, 100);
                }
                run.counted(() -> shim.clock(0));
                run.work(500, 1_000);
                run.counted(() -> shim.clock(-HOUR_NS));
                for (int i = LINES; i < 2 * LINES; i++) {
                    taken.add(takeOne(device, i, i, shim));
                    run.work(10, 50);
                }
            }
            run.finish();
            checkTimes(run.line, taken);
        }
    }

    /**
     * Off for a day, and the clock goes on where it was switched off, as timesyncd and fake-hwclock restore it: later than
     * all that is known, and a day behind.
     */
    @Test
    void bootedADayLate_stampsAreCorrected() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run("clock of the agent a day behind at boot, restored")) {
            run.line
                    .withAgentEnvironment(shim.environment())
                    .withAgentOutbox(directory.resolve("agent-outbox"), "  max-age: 30d\n");
            run.line.startCollector();
            run.line.killCollector();
            Files.writeString(clockFile(), "seen " + (nowNs() - 25 * HOUR_NS) + "\n");
            run.counted(() -> shim.clock(-24 * HOUR_NS));
            run.startBehindCollector();
            List<Taken> taken = new ArrayList<>();
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = 0; i < LINES; i++) {
                    taken.add(takeOne(device, i, i, shim));
                    if (i == LINES / 2) {
                        reconnect(run);
                    }
                    run.work(10, 100);
                }
            }
            run.finish();
            checkTimes(run.line, taken);
        }
    }

    /** What waits from before is not evicted by age, though every batch is seventy years old by that clock. */
    @Test
    void bootedIn2099_nothingIsEvicted() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        try (FaultRun run = run("clock of the agent in 2099 at boot, with a backlog and max-age")) {
            run.line
                    .withAgentEnvironment(shim.environment())
                    .withAgentOutbox(directory.resolve("agent-outbox"), "  max-age: 30d\n");
            run.start();
            Await.until(Duration.ofSeconds(60), () -> isConnected(run.line), () -> "no session");
            run.work(500, 1_000);
            run.line.killCollector();
            List<Taken> taken = new ArrayList<>();
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = 0; i < LINES; i++) {
                    taken.add(takeOne(device, i, i, shim));
                }
            }
            run.fault(
                    () -> {
                        run.line.killAgent();
                        reboot();
                        shim.clock(73 * 365 * 24 * HOUR_NS);
                    },
                    run.line::startAgent);
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = LINES; i < 2 * LINES; i++) {
                    taken.add(takeOne(device, i, i - LINES, shim));
                }
            }
            run.work(11_000, 12_000); // ages are looked at every five seconds
            reconnect(run);
            run.finish();
            assertThat(run.account().get("evicted").isEmpty())
                    .as(run.account().toString())
                    .isTrue();
            checkTimes(run.line, taken);
        }
    }

    /** Somebody sets the clock while the mark of the time service is there, as it is from its first answer on. */
    @Test
    void setBackWithTheMarkOfTheTimeService_stampsAreCorrected() throws Exception {
        FaultShim shim = FaultShim.make(directory.resolve("shim"));
        Path mark = Files.createFile(directory.resolve("synchronized"));
        try (FaultRun run = run("clock of the agent an hour back with the mark of timesyncd")) {
            run.line.withAgentEnvironment(shim.environment()).withAgentClock("  marks: [" + mark + "]\n");
            run.line.startCollector();
            run.line.killCollector();
            run.startBehindCollector();
            List<Taken> taken = new ArrayList<>();
            try (LineConnection device = new LineConnection(run.line.linesPort())) {
                for (int i = 0; i < LINES; i++) {
                    if (i == LINES / 2) {
                        run.work(1_500, 2_500); // the mark is looked at once a second
                        run.counted(() -> shim.clock(-HOUR_NS));
                    }
                    taken.add(takeOne(device, i, i, shim));
                }
                reconnect(run);
                for (int i = LINES; i < 2 * LINES; i++) {
                    taken.add(takeOne(device, i, i, shim));
                }
            }
            run.finish();
            checkTimes(run.line, taken);
        }
    }

    private Path clockFile() {
        return directory.resolve("agent-outbox.clock");
    }

    /** The agent knows of time what a reboot leaves: the latest, and nothing of the boot that it is in. */
    private void reboot() throws IOException {
        List<String> known = Files.readAllLines(clockFile());
        assertThat(known).anyMatch(line -> line.startsWith("boot "));
        Files.write(
                clockFile(),
                known.stream().filter(line -> line.startsWith("seen ")).toList());
    }

    private static void reconnect(FaultRun run) {
        run.line.startCollector();
        Await.until(Duration.ofSeconds(60), () -> isConnected(run.line), () -> "no session");
    }

    private static boolean isConnected(Line line) {
        return line.agentApi().metrics().sum("tributary_agent_connected") == 1;
    }

    private static long nowNs() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** A line without a time; when it was sent and answered by the right clock, and how far the agent's was off. */
    private record Taken(long sentNs, long answeredNs, long offsetNs) {}

    private static Taken takeOne(LineConnection device, int number, int before, FaultShim shim) throws IOException {
        long sent = nowNs();
        device.send("clock,device=unstamped value=" + number + "i\n");
        device.awaitDurable(before + 1L);
        return new Taken(sent, nowNs(), shim.clock());
    }

    /**
     * Each reading has the time at which it was taken, to the bound of its own correction: of those that lead from what the
     * clock said then to what is stored. Without a correction, exactly.
     */
    private static void checkTimes(Line line, List<Taken> taken) {
        JsonNode clock = line.collectorApi().json("/api/v1/agents/demo-agent/clock");
        JsonNode readings = line.collectorApi()
                .json("/api/v1/readings?device=unstamped&from=1970-01-01&to=2100-01-01&limit=1000")
                .get("readings");
        assertThat(readings.size()).as(readings.toString()).isEqualTo(taken.size());
        for (JsonNode reading : readings) {
            Taken of = taken.get(reading.get("value").asInt());
            Instant time = Instant.parse(reading.get("event_time").asString());
            long stored = time.getEpochSecond() * 1_000_000_000L + time.getNano();
            assertThat(reading.path("quality_code").asInt(0))
                    .as("mark of a corrected time: %s, %s", reading, of)
                    .isEqualTo(of.offsetNs == 0 ? 0 : 0x20);
            long boundNs = of.offsetNs == 0 ? 0 : -1;
            for (JsonNode correction : clock.get("corrections")) {
                long raw = stored - correction.get("shift_ns").asLong();
                if (raw >= of.sentNs + of.offsetNs && raw <= of.answeredNs + of.offsetNs) {
                    boundNs = Math.max(boundNs, correction.get("error_ns").asLong());
                }
            }
            assertThat(boundNs)
                    .as("bound of %s, %s, corrections %s", reading, of, clock)
                    .isBetween(0L, BOUND_MAX_NS);
            assertThat(stored)
                    .as("%s, %s, corrections %s", reading, of, clock)
                    .isBetween(of.sentNs - boundNs, of.answeredNs + boundNs);
        }
    }
}
