package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A line under the load of a simulated fleet, while a test does things to it. At the end the fleet stops, the outbox drains,
 * {@code firmware-sim verify} compares every acknowledged reading bit for bit, and the account has to add up. Each run adds a
 * row to {@code deploy/target/faults.md}.
 */
final class FaultRun implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration DRAIN = Duration.ofMinutes(30);
    private static final Pattern DIFFERENCES =
            Pattern.compile("lost ([0-9]+) duplicated ([0-9]+) altered ([0-9]+) unexpected ([0-9]+)");

    private static final Pattern RESENT = Pattern.compile("resent ([0-9,]+)");

    final Line line;
    private final String name;
    private final Path directory;
    private final Path results;
    private final Path ledger;
    private final SplittableRandom random;
    private final List<Long> recoveryMillis = new ArrayList<>();
    private @org.jspecify.annotations.Nullable Program fleet;
    private int faults;

    private FaultRun(String name, Line line, Path directory, Path results, long seed) {
        this.name = name;
        this.line = line;
        this.directory = directory;
        this.results = results;
        this.ledger = directory.resolve("fleet.ledger");
        this.random = new SplittableRandom(seed);
    }

    static FaultRun of(String name, Line line, Path directory, long seed) {
        Path root = Path.of(System.getProperty("tributary.root", ".."));
        return new FaultRun(name, line, directory, root.resolve("deploy/target/faults.md"), seed);
    }

    /** Starts the line, and 20 devices of ten channels, ten rows a second each: 2,000 readings a second. */
    void start() {
        line.startCollector();
        startBehindCollector();
    }

    /** As {@link #start}, with a collector that runs. */
    void startBehindCollector() {
        line.startAgent();
        fleet = line.simulate(
                "fleet",
                List.of(
                        "fleet",
                        "--devices",
                        "20",
                        "--channels",
                        "10",
                        "--interval",
                        "100ms",
                        "--steps",
                        "100000000",
                        "--rate",
                        "2000",
                        "--to",
                        line.framesUrl(),
                        "--ledger",
                        ledger.toString(),
                        "--max-backoff",
                        "300ms",
                        "--quiet"));
    }

    SplittableRandom random() {
        return random;
    }

    /** Lets the line work for a random while. */
    void work(long fromMillis, long toMillis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextLong(fromMillis, toMillis));
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    /** Something that an operating system might do. */
    interface Fault {
        void happen() throws IOException;
    }

    /** A fault, and how long a start after it takes until readings are taken or served again. */
    void fault(Fault fault, Runnable start) throws IOException {
        fault.happen();
        faults++;
        long began = System.nanoTime();
        start.run();
        recoveryMillis.add((System.nanoTime() - began) / 1_000_000);
    }

    /** A fault that the programs live through. */
    void counted(Fault fault) throws IOException {
        fault.happen();
        faults++;
    }

    long accepted() {
        return (long) line.agentApi().metrics().sum("tributary_agent_next_sequence");
    }

    long queued() {
        return (long) line.agentApi().metrics().sum("tributary_agent_outbox_readings");
    }

    JsonNode account() {
        return line.collectorApi().json("/api/v1/agents/demo-agent/gaps").get("account");
    }

    /** The fleet stops, everything drains and is compared; adds the row. Nothing may be lost. */
    void finish() throws IOException {
        assertThat(finishWithLoss()).as("lost").isZero();
    }

    /** As {@link #finish}, after a fault that nobody can undo. */
    long finishWithLoss() throws IOException {
        if (fleet == null) {
            throw new IllegalStateException("BUG: the run was not started");
        }
        // Faults may be quicker than the fleet starts: a run without readings would prove nothing.
        Await.until(
                DRAIN, () -> accepted() > 0 && isKnown(), () -> "nothing was taken, or the collector knows no agent");
        fleet.close();
        try {
            drain();
        } catch (IllegalStateException e) {
            // A run without a row is a run that nobody hears of.
            row("did not drain: " + e.getMessage(), account(), "?", "?", "?");
            throw e;
        }
        Program verify = line.verify("verify", List.of(ledger));
        int exit = verify.awaitExit(PATIENCE);
        String told = String.join("\n", verify.output());
        Matcher differences = DIFFERENCES.matcher(told);
        assertThat(differences.find()).as(told).isTrue();
        JsonNode account = account();
        row(name, account, differences.group(1), differences.group(2), differences.group(3));
        long lost = Long.parseLong(differences.group(1));
        assertThat(told).contains(" duplicated 0 altered 0 unexpected 0");
        assertThat(exit == 0).as(told).isEqualTo(lost == 0);
        assertThat(account.get("missing").asLong()).isZero();
        return lost;
    }

    /** Readings that the fleet sent again, as it was in doubt about them. */
    long resent() {
        String said =
                fleet == null ? "" : String.join("\n", fleet.output()) + "\n" + String.join("\n", fleet.logTail(20));
        Matcher resent = RESENT.matcher(said);
        if (!resent.find()) {
            throw new IllegalStateException("the fleet does not tell what it sent again: " + said);
        }
        return Long.parseLong(resent.group(1).replace(",", ""));
    }

    private boolean isKnown() {
        return line.collectorApi().text("/api/v1/agents").contains("\"demo-agent\"");
    }

    /** Until nothing is left, however long that takes, as long as it goes on. */
    private void drain() {
        long[] seen = {-1, System.nanoTime()};
        Await.until(
                DRAIN,
                () -> {
                    long now = System.nanoTime();
                    long left;
                    boolean addsUp;
                    try {
                        JsonNode account = account();
                        left = queued() + account.get("queued").asLong();
                        addsUp = account.get("adds_up").asBoolean();
                    } catch (UncheckedIOException e) {
                        // A machine with many times the work that it can do answers late; the account does not suffer
                        // by it.
                        left = seen[0];
                        addsUp = false;
                    }
                    if (left != seen[0]) {
                        seen[0] = left;
                        seen[1] = now;
                    } else if (now - seen[1] > PATIENCE.toNanos()) {
                        throw new IllegalStateException("no progress for " + PATIENCE + ": " + account());
                    }
                    return left == 0 && addsUp;
                },
                () -> "the outbox did not drain: " + account());
    }

    private void row(String what, JsonNode account, String lost, String duplicated, String altered) throws IOException {
        Files.createDirectories(results.toAbsolutePath().getParent());
        Files.writeString(
                results,
                "| %s | %d | %d | %s | %s | %s | %s |\n"
                        .formatted(
                                what, faults, account.get("received").asLong(), lost, duplicated, altered, recovery()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Files.writeString(
                results.resolveSibling("fault-recoveries.txt"),
                what + ": " + recoveryMillis + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private String recovery() {
        if (recoveryMillis.isEmpty()) {
            return "";
        }
        Collections.sort(recoveryMillis);
        return recoveryMillis.get(recoveryMillis.size() / 2) + " / " + recoveryMillis.get(recoveryMillis.size() - 1)
                + " ms";
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        line.close();
    }
}
