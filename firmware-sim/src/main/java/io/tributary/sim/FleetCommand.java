package io.tributary.sim;

import io.tributary.sim.fault.FaultRates;
import io.tributary.sim.fault.FaultyRows;
import io.tributary.sim.signal.FleetRows;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fleet}: simulated devices, the same for the same seed. */
@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        sortOptions = false,
        description = "Simulates devices with seeded signals, and faults on their way.")
final class FleetCommand implements Callable<Integer> {
    /** What the devices measure. */
    enum Shape {
        MIXED,
        REFERENCE,
        REFERENCE_ROUNDED
    }

    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--devices", defaultValue = "10", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--channels",
            paramLabel = "M",
            description =
                    "Channels of a mixed device: temperature, cycles, state, door, pressure, latitude, longitude, and"
                            + " again. Default: 7.")
    private @Nullable Integer channels;

    @Option(names = "--steps", paramLabel = "K", description = "Rows of each device; or --duration.")
    private @Nullable Long steps;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            description = "Event time from the first to behind the last row; or --steps.")
    private @Nullable Duration duration;

    @Option(
            names = "--interval",
            defaultValue = "1s",
            paramLabel = "DURATION",
            description = "Between the rows of a device. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration interval;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--shape",
            defaultValue = "mixed",
            description =
                    "mixed: signals of every kind; reference: the ten-channel trucks on which databases are compared;"
                            + " reference-rounded: the same as real devices round. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Shape shape;

    @Option(
            names = "--prefix",
            defaultValue = "sim-",
            paramLabel = "TEXT",
            description = "Before the number of a mixed device. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private String prefix;

    @Option(
            names = "--start",
            paramLabel = "TIME",
            description =
                    "Event time of the first row, for example 2024-01-01T00:00:00Z. Default: now; at --speed max so"
                            + " that the last row is now; of a reference fleet 2024-01-01.")
    private @Nullable Instant start;

    @Mixin
    private final PaceMixin pace = new PaceMixin();

    @Option(
            names = "--late",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows that are held back.")
    private double late;

    @Option(
            names = "--late-max",
            defaultValue = "10m",
            paramLabel = "DURATION",
            description = "Held back for so long at most. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration lateMax;

    @Option(
            names = "--duplicate",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows that are sent twice.")
    private double duplicate;

    @Option(
            names = "--out-of-order",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows that are sent after the device's next one.")
    private double outOfOrder;

    @Mixin
    private final LinkMixin link = new LinkMixin();

    FleetCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        long count;
        FaultRates rates;
        try {
            count = steps();
            rates = rates();
            link.options();
            checkShape();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter err = spec.commandLine().getErr();
        Pacer pacer = pace.pacer(environment.nanoTime());
        SendSummary summary;
        Map<String, Long> extras = new LinkedHashMap<>();
        try (FaultyRows rows = FaultyRows.of(fleet(count), devices, rates, seed)) {
            summary = new SendRun(environment, err, link, pacer, Long.MAX_VALUE).run(rows, seed);
            extras.put("late rows", rows.late());
            extras.put("duplicate rows", rows.duplicates());
            extras.put("out of order rows", rows.outOfOrder());
        }
        summary.print(spec.commandLine().getOut(), err, link.json(), extras);
        return summary.exitCode();
    }

    private long steps() {
        if ((steps == null) == (duration == null)) {
            throw new IllegalArgumentException("expected exactly one of --steps and --duration");
        } else if (interval.isZero()) {
            throw new IllegalArgumentException("--interval is 0, expected more");
        }
        long count = steps != null ? steps : duration == null ? 0 : duration.toNanos() / interval.toNanos();
        if (count < 1) {
            throw new IllegalArgumentException(count + " steps, expected 1 or more");
        }
        return count;
    }

    private FaultRates rates() {
        long lateSteps = Math.max(1, lateMax.toNanos() / interval.toNanos());
        return new FaultRates(late / 100, (int) Math.min(1_000_000, lateSteps), duplicate / 100, outOfOrder / 100);
    }

    private void checkShape() {
        if (devices < 1 || devices > 1_000_000) {
            throw new IllegalArgumentException("--devices " + devices + ", expected 1 to 1000000");
        }
        if (channels != null && shape != Shape.MIXED) {
            throw new IllegalArgumentException("--channels is for mixed devices; a reference device has ten");
        }
        if (channels != null && (channels < 1 || channels > 1000)) {
            throw new IllegalArgumentException("--channels " + channels + ", expected 1 to 1000");
        }
    }

    private FleetRows fleet(long count) {
        long intervalNs = interval.toNanos();
        long first = startNs(Math.multiplyExact(count, intervalNs));
        return switch (shape) {
            case MIXED ->
                FleetRows.mixed(devices, channels == null ? 7 : channels, count, first, intervalNs, seed, prefix);
            case REFERENCE -> FleetRows.reference(devices, count, first, intervalNs, seed, false);
            case REFERENCE_ROUNDED -> FleetRows.reference(devices, count, first, intervalNs, seed, true);
        };
    }

    private long startNs(long spanNs) {
        if (start != null) {
            return Math.addExact(Math.multiplyExact(start.getEpochSecond(), 1_000_000_000L), start.getNano());
        } else if (shape != Shape.MIXED) {
            return FleetRows.REFERENCE_START_NS;
        }
        return pace.isMax() ? environment.nowNs() - spanNs : environment.nowNs();
    }
}
