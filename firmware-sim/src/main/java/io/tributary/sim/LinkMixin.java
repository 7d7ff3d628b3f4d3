package io.tributary.sim;

import io.tributary.sim.link.LinkOptions;
import io.tributary.sim.link.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that send. */
final class LinkMixin {
    @Option(
            names = "--to",
            required = true,
            paramLabel = "tcp://HOST:PORT",
            description = "TCP listener of the edge agent.")
    @SuppressWarnings("NullAway.Init")
    private TcpTarget to;

    @Option(
            names = "--protocol",
            defaultValue = "frames",
            description =
                    "frames: protobuf frames with rows; batches: frames with columnar batches; lines: line protocol."
                            + " Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Protocol protocol;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description =
                    "Keep here what was sent and what was acknowledged, for verify. An existing ledger is continued.")
    private @Nullable Path ledger;

    @Option(
            names = "--connections",
            defaultValue = "1",
            paramLabel = "N",
            description = "Spread the devices over N connections. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--window",
            defaultValue = "64",
            paramLabel = "N",
            description = "At most N deliveries unanswered per connection. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--batch",
            defaultValue = "1000",
            paramLabel = "N",
            description =
                    "Send when N readings are together, or sooner when the pace has a pause. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--progress-timeout",
            defaultValue = "30s",
            paramLabel = "DURATION",
            description = "Connect anew when nothing is answered for so long. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration progressTimeout;

    @Option(
            names = "--max-backoff",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description = "Longest random wait between attempts to connect. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration maxBackoff;

    @Option(
            names = "--give-up-after",
            paramLabel = "DURATION",
            description = "Fail when nothing was acknowledged for so long. Default: try for ever.")
    private @Nullable Duration giveUpAfter;

    @Option(names = "--json", description = "Print the summary as one line of JSON on stdout.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on stderr.")
    private boolean quiet;

    /** @throws IllegalArgumentException with the value and the expectation */
    LinkOptions options() {
        LinkOptions defaults = LinkOptions.of(to.address(), protocol);
        return new LinkOptions(
                to.address(),
                protocol,
                connections,
                window,
                batch,
                progressTimeout,
                defaults.backoffBase(),
                maxBackoff,
                giveUpAfter);
    }

    @Nullable
    Path ledger() {
        return ledger;
    }

    boolean json() {
        return json;
    }

    boolean quiet() {
        return quiet;
    }
}
