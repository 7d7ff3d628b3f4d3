package io.tributary.sim;

import io.tributary.config.HostPort;
import io.tributary.sim.load.Load;
import io.tributary.sim.load.LoadLink;
import io.tributary.sim.load.LoadPlan;
import io.tributary.sim.signal.FleetRows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code load}: batches of a fleet straight into a collector, against the clock. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        sortOptions = false,
        description = {
            "Sends batches of a simulated fleet to a collector over gRPC, as agents do, and tells how fast they were"
                    + " acknowledged.",
            "All batches are encoded before the clock starts: it is the collector that is measured."
        })
final class LoadCommand implements Callable<Integer> {
    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--collector", required = true, paramLabel = "HOST:PORT", description = "gRPC of the collector.")
    @SuppressWarnings("NullAway.Init")
    private String collector;

    @Option(names = "--agents", defaultValue = "2", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(names = "--devices", defaultValue = "1000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Rows of each device. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(
            names = "--warm-up-steps",
            defaultValue = "0",
            paramLabel = "K",
            description = "Rows of each device before these, sent before the clock starts. Default: ${DEFAULT-VALUE}.")
    private long warmUpSteps;

    @Option(
            names = "--warm-up-rounds",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "How often the warm-up is sent, each time later: until the collector's compilers take less than"
                            + " 3 %% of its CPU time, at most N times; with --pid. Default: ${DEFAULT-VALUE}.")
    private int warmUpRounds;

    @Option(
            names = "--channels",
            defaultValue = "0",
            paramLabel = "M",
            description = "Channels of a mixed device. Default: 0, the ten of the reference fleet.")
    private int channels;

    @Option(names = "--rounded", description = "Positions and speeds rounded as devices round them.")
    private boolean rounded;

    @Option(
            names = "--interval",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description = "Between the rows of a device. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration interval;

    @Option(names = "--start", paramLabel = "TIME", description = "Event time of the first row. Default: 2024-01-01.")
    private @Nullable Instant start;

    @Option(
            names = "--batch-devices",
            defaultValue = "1",
            paramLabel = "N",
            description = "Devices that share a batch. Default: ${DEFAULT-VALUE}.")
    private int batchDevices;

    @Option(
            names = "--batch-rows",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Rows of a batch. Default: ${DEFAULT-VALUE}.")
    private int batchRows;

    @Option(
            names = "--late",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows held back by up to 60 steps.")
    private double late;

    @Option(
            names = "--duplicate",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows sent twice.")
    private double duplicate;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--batches-per-second",
            defaultValue = "0",
            paramLabel = "N",
            description = "Of each agent, against the clock; 0 for as fast as they are acknowledged. Default:"
                    + " ${DEFAULT-VALUE}.")
    private double batchesPerSecond;

    @Option(names = "--ca", paramLabel = "FILE", description = "Authority of a collector with TLS, PEM.")
    private @Nullable Path ca;

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = "agent.pem of \"edge-agent enroll\": who the one agent is; with --agents 1 and --ca.")
    private @Nullable Path identity;

    @Mixin
    private final FiguresMixin output = new FiguresMixin();

    LoadCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadPlan plan;
        LoadLink link;
        try {
            plan = plan();
            link = new LoadLink(ca, identity, batchesPerSecond);
            if (warmUpRounds > 1 && output.pid() == 0) {
                throw new IllegalArgumentException(
                        "warm-up rounds is " + warmUpRounds + ", expected 1 without the collector's pid");
            }
            if (identity != null && agents != 1) {
                throw new IllegalArgumentException("agents is " + agents + ", expected 1 with identity");
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Map<String, Double> figures =
                new Load(plan, link, environment.nowNs() / 1_000_000, output.pid(), environment.nanoTime()).run();
        output.print(figures, spec.commandLine().getOut());
        return figures.getOrDefault("rejected", 0.0) > 0 ? 1 : 0;
    }

    private LoadPlan plan() {
        long startNs = FleetRows.REFERENCE_START_NS;
        if (start != null) {
            startNs = Math.addExact(Math.multiplyExact(start.getEpochSecond(), 1_000_000_000L), start.getNano());
        }
        return new LoadPlan(
                HostPort.parse(collector),
                agents,
                devices,
                Math.addExact(steps, warmUpSteps),
                warmUpSteps,
                warmUpRounds,
                startNs,
                interval.toNanos(),
                seed,
                channels,
                rounded,
                batchDevices,
                batchRows,
                late / 100,
                60,
                duplicate / 100);
    }
}
