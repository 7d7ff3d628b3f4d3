package io.tributary.deploy;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code deploy/demo}: the whole line on this machine. Real data sets are replayed and a fleet is simulated into an edge
 * agent, which forwards to a collector; then the collector is asked.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a collector, an edge agent and simulated devices on free ports of this machine, replays the data sets"
                    + " that are shipped, shows what happens, and goes on until Ctrl-C.",
            "All files lie in a directory of its own, which is removed at the end."
        })
final class Demo implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Readings in the shipped extracts: 34,842 of nab, 201,163 of beijing-air. */
    private static final long NAB_READINGS = 34_842;

    private static final long AIR_READINGS = 201_163;
    private static final int FLEET_DEVICES = 50;
    private static final int FLEET_CHANNELS = 5;

    @Option(names = "--root", required = true, hidden = true)
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path root;

    @Option(names = "--exit", description = "Verify every reading when all are sent, stop everything, and end.")
    private boolean exit;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Let the replay take about so long. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--secure",
            description = "With a generated authority, enrolment, mutual TLS between agent and collector, and tokens.")
    private boolean secure;

    @Option(names = "--keep", description = "Leave the files where they are.")
    private boolean keep;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws IOException {
        if (seconds < 1 || seconds > 86_400) {
            System.err.println("--seconds is " + seconds + ", expected 1 to 86400");
            return 2;
        }
        Path directory = Files.createTempDirectory("tributary-demo-");
        Line line = new Line(new Installation(root), directory);
        StopRequest stop = StopRequest.install();
        try {
            return run(line, directory, stop) ? 0 : FAILED;
        } catch (ProgramFailedException | IllegalStateException e) {
            System.err.println(e.getMessage());
            System.err.println("logs: " + directory);
            keep = true;
            return FAILED;
        } finally {
            line.close();
            if (!keep) {
                delete(directory);
            }
            stop.done();
        }
    }

    private boolean run(Line line, Path directory, StopRequest stop) throws IOException {
        if (secure) {
            line.secured();
        }
        line.start();
        out.println("Tributary: the whole line on this machine");
        out.print(new TextTable("program", "listens on")
                .row("cloud-collector", line.collectorApi().url("") + "  agents: " + line.grpcAddress())
                .row("edge-agent", line.agentApi().url("") + "  devices: " + line.framesUrl() + ", " + line.linesUrl())
                .render("  "));
        out.println("  files in " + directory);
        out.println();
        out.println(
                "replaying nab (a failing machine, a road, an office: MIT licence) and beijing-air (12 stations, two"
                        + " months: CC BY 4.0),");
        out.println("simulating " + FLEET_DEVICES + " devices with " + FLEET_CHANNELS + " channels");
        List<Path> ledgers = new ArrayList<>();
        List<Program> simulators = simulate(line, ledgers);
        progress(line, simulators, stop);
        if (stop.isRequested()) {
            return true;
        }
        for (Program simulator : simulators) {
            if (simulator.awaitExit(PATIENCE) != 0) {
                throw new ProgramFailedException(simulator, "failed");
            }
        }
        awaitDrained(line);
        out.println();
        out.print(new DemoReport(line).render());
        boolean verified = verify(line, ledgers);
        if (!exit && verified) {
            out.println();
            out.println("running until Ctrl-C");
            stop.await();
        }
        return verified;
    }

    private List<Program> simulate(Line line, List<Path> ledgers) throws IOException {
        List<Program> simulators = new ArrayList<>();
        simulators.add(replay(line, "nab", NAB_READINGS, ledgers));
        simulators.add(replay(line, "beijing-air", AIR_READINGS, ledgers));
        Path ledger = line.file("fleet.ledger");
        ledgers.add(ledger);
        simulators.add(line.simulate(
                "fleet",
                List.of(
                        "fleet",
                        "--devices",
                        String.valueOf(FLEET_DEVICES),
                        "--channels",
                        String.valueOf(FLEET_CHANNELS),
                        "--steps",
                        String.valueOf(seconds),
                        "--interval",
                        "1s",
                        "--speed",
                        "1",
                        "--late",
                        "2",
                        "--duplicate",
                        "1",
                        "--seed",
                        "1",
                        "--to",
                        line.framesUrl(),
                        "--ledger",
                        ledger.toString(),
                        "--quiet")));
        return simulators;
    }

    private Program replay(Line line, String set, long readings, List<Path> ledgers) throws IOException {
        Path ledger = line.file(set + ".ledger");
        ledgers.add(ledger);
        List<String> arguments = new ArrayList<>(List.of(
                "replay",
                "--mapping",
                set,
                "--to",
                line.framesUrl(),
                "--ledger",
                ledger.toString(),
                "--rate",
                String.valueOf(Math.max(1, readings / seconds)),
                "--quiet"));
        try (Stream<Path> files = Files.list(new Installation(root).data().resolve(set))) {
            files.filter(file -> file.toString().endsWith(".csv.gz"))
                    .sorted()
                    .forEach(file -> arguments.add(file.toString()));
        }
        return line.simulate(set, arguments);
    }

    /** One line a second until the simulators have ended. */
    private void progress(Line line, List<Program> simulators, StopRequest stop) {
        long began = System.nanoTime();
        for (int second = 1; !stop.isRequested(); second++) {
            long until = began + Duration.ofSeconds(second).toNanos();
            Await.holds(
                    Duration.ofNanos(Math.max(0, until - System.nanoTime())),
                    () -> stop.isRequested() || simulators.stream().noneMatch(Program::isAlive));
            Metrics agent = line.agentApi().metrics();
            Metrics collector = line.collectorApi().metrics();
            out.printf(
                    "  %3d s   accepted %,9d   in the outbox %,7d   stored %,9d%n",
                    second,
                    (long) agent.sum("tributary_agent_taken_readings_total"),
                    (long) agent.sum("tributary_agent_outbox_readings"),
                    (long) collector.sum("tributary_collector_account_readings", "term=\"stored\""));
            if (simulators.stream().noneMatch(Program::isAlive)) {
                return;
            }
        }
    }

    private static void awaitDrained(Line line) {
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0,
                () -> "the agent's outbox did not empty");
    }

    private boolean verify(Line line, List<Path> ledgers) {
        Program verify = line.verify("verify", ledgers);
        int code = verify.awaitExit(PATIENCE);
        out.println(
                "every reading that was acknowledged to a device, compared bit for bit with what the collector gives"
                        + " back:");
        verify.output().forEach(out::println);
        return code == 0;
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }
}
