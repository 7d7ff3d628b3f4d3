package io.tributary.sim;

import io.tributary.sim.verify.CollectorAccess;
import io.tributary.sim.verify.ReportText;
import io.tributary.sim.verify.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code verify}: whether the collector has what was acknowledged, exactly. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        sortOptions = false,
        description = "Compares ledgers with a collector, bit for bit. Exit code 1 when anything is lost, duplicated,"
                + " altered or unexpected.")
final class VerifyCommand implements Callable<Integer> {
    private static final int EXIT_DIFFERENT = 1;

    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--ledger",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = "Ledgers of replay and fleet; several in the order in which they were written.")
    @SuppressWarnings("NullAway.Init")
    private List<Path> ledgers;

    @Option(
            names = "--collector",
            required = true,
            paramLabel = "URL",
            description = "HTTP API of the collector, for example http://127.0.0.1:8480.")
    @SuppressWarnings("NullAway.Init")
    private URI collector;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Holds a token of the collector's HTTP API, for one that asks for it.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "PEM of the authority of a collector with https, ca.crt of its security directory.")
    private @Nullable Path ca;

    @Option(
            names = "--wait",
            defaultValue = "0s",
            paramLabel = "DURATION",
            description = "Compare again, for so long, while there are differences. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration wait;

    @Option(
            names = "--page",
            defaultValue = "10000",
            paramLabel = "N",
            description = "Readings asked for at a time. Default: ${DEFAULT-VALUE}.")
    private int page;

    @Option(names = "--json", description = "Print the result as one line of JSON on stdout.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on stderr.")
    private boolean quiet;

    VerifyCommand(Environment environment) {
        this.environment = environment;
    }

    private @Nullable String token() throws IOException {
        Path file = tokenFile;
        return file == null ? null : Files.readString(file).strip();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean http = "http".equals(collector.getScheme()) || "https".equals(collector.getScheme());
        if (!http || collector.getHost() == null) {
            throw new ParameterException(
                    spec.commandLine(), "--collector '" + collector + "', expected http://host:port");
        }
        if (page < 1) {
            throw new ParameterException(spec.commandLine(), "--page " + page + ", expected 1 or more");
        }
        for (Path ledger : ledgers) {
            if (!Files.isRegularFile(ledger)) {
                throw new ParameterException(spec.commandLine(), "--ledger " + ledger + ": no such file");
            }
        }
        Verification verification = new Verification(
                ledgers,
                new CollectorAccess(collector, token(), ca),
                page,
                wait,
                environment.nanoTime(),
                duration -> environment.stop().await(duration.toNanos()));
        Verification.Report report;
        try (Progress progress = Progress.start(spec.commandLine().getErr(), quiet, verification::progress)) {
            report = verification.run();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ReportText.json(report));
            out.flush();
        } else {
            ReportText.print(report, out);
        }
        return report.account().isClean() ? 0 : EXIT_DIFFERENT;
    }
}
