package io.tributary.sim;

import io.tributary.config.ConfigException;
import io.tributary.sim.replay.DataFaults;
import io.tributary.sim.replay.Mapping;
import io.tributary.sim.replay.ReplayFiles;
import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: a data set as if its devices were sending it. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        sortOptions = false,
        description = "Sends the rows of CSV or line protocol files (.csv, .lp, each also .gz), merged by event time.")
final class ReplayCommand implements Callable<Integer> {
    /** Which event time becomes the present. */
    enum Shift {
        LAST,
        FIRST
    }

    /** {@code --shift FILE} is not {@code --shift=FILE}: only the known words belong to the option. */
    static final class ShiftConsumer implements CommandLine.IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
            String next = arguments.isEmpty() ? "" : arguments.peek();
            option.setValue(next.equals("first") ? Shift.FIRST : Shift.LAST);
            if (next.equals("first") || next.equals("last")) {
                arguments.pop();
            }
        }
    }

    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--mapping",
            paramLabel = "FILE",
            description =
                    "What device, time and channels are in the files: a YAML file, or the name of a shipped mapping"
                            + " (nab, beijing-air, ...). Not needed for line protocol with the tag \"device\".")
    private @Nullable String mapping;

    @Mixin
    private final LinkMixin link = new LinkMixin();

    @Mixin
    private final PaceMixin pace = new PaceMixin();

    @Option(
            names = "--shift",
            arity = "0..1",
            parameterConsumer = ShiftConsumer.class,
            paramLabel = "last|first",
            description = "Move all event times so that the last (or first) one is now.")
    private @Nullable Shift shift;

    @Option(
            names = "--merge",
            defaultValue = "event-time",
            description =
                    "How rows of several files follow each other: event-time or round-robin. Default: ${DEFAULT-VALUE}.")
    private ReplayFiles.@Nullable Merge merge;

    @Option(names = "--limit", paramLabel = "N", description = "Stop after N rows.")
    private long limit = Long.MAX_VALUE;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files to send.")
    @SuppressWarnings("NullAway.Init")
    private List<Path> files;

    ReplayCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ReplayFiles.Merge order = merge == null ? ReplayFiles.Merge.EVENT_TIME : merge;
        ReplayFiles replay = new ReplayFiles(files, mapping(), order);
        checkOptions();
        var err = spec.commandLine().getErr();
        DataFaults faults = new DataFaults(message -> {
            err.println(message);
            err.flush();
        });
        long offset = offsetNs(replay);
        Pacer pacer = pace.pacer(environment.nanoTime());
        SendSummary summary;
        try (RowStream rows = replay.open(faults);
                RowStream shifted = offset == 0 ? rows : new Shifted(rows, offset)) {
            summary = new SendRun(environment, err, link, pacer, limit).run(shifted, environment.nowNs());
        }
        Map<String, Long> extras = new LinkedHashMap<>();
        extras.put("malformed cells", faults.cells());
        extras.put("malformed rows", faults.rows());
        summary.print(spec.commandLine().getOut(), err, link.json(), extras);
        return summary.exitCode();
    }

    private void checkOptions() {
        try {
            link.options();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private @Nullable Mapping mapping() throws IOException {
        try {
            return mapping == null ? null : Mapping.load(mapping);
        } catch (ConfigException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private long offsetNs(ReplayFiles replay) throws IOException {
        if (shift == null) {
            return 0;
        }
        ReplayFiles.Span span = replay.span();
        return environment.nowNs() - (shift == Shift.FIRST ? span.firstNs() : span.lastNs());
    }

    /** Rows at other times. */
    private record Shifted(RowStream rows, long offsetNs) implements RowStream {
        @Override
        public @Nullable Row next() throws IOException {
            Row row = rows.next();
            return row == null ? null : row.at(row.eventTimeNs() + offsetNs);
        }

        @Override
        public double fraction() {
            return rows.fraction();
        }

        @Override
        public void close() {
            // The stream below is closed by who opened it.
        }
    }
}
