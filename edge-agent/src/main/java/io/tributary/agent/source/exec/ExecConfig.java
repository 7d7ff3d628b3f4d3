package io.tributary.agent.source.exec;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command whose output is readings.
 *
 * @param command the program and its arguments; no shell, unless it is the program
 * @param environment beside the agent's
 * @param directory to run in; null: the agent's
 * @param interval null: the command goes on by itself, and is started again when it ends; else it is run once per interval
 * @param timeout with an interval, how long a run may take; without, how long it may print nothing; null: for ever
 * @param restartMin bound of the delay after the first end or failure; doubles with each
 */
@TypeName("exec")
public record ExecConfig(
        @Default("exec") String name,
        List<String> command,
        @Default("{}") Map<String, String> environment,
        @Nullable Path directory,
        @Default("{type: line}") DecoderConfig decode,
        @Nullable Duration interval,
        @Nullable Duration timeout,
        @Default("synced") Durability durability,
        @Default("64KiB") ByteSize lineBytesMax,
        @Default("1MiB") ByteSize pendingBytesMax,
        @Default("1s") Duration restartMin,
        @Default("1m") Duration restartMax)
        implements SourceConfig {
    public ExecConfig {
        Checks.name(name);
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        if (command.isEmpty() || command.get(0).isBlank()) {
            throw new IllegalArgumentException("command is empty, expected a program and its arguments");
        }
        Checks.between("line-bytes-max", lineBytesMax, 128, 1 << 20);
        Checks.between("pending-bytes-max", pendingBytesMax, lineBytesMax.bytes(), 64 << 20);
        Checks.positive("restart-min", restartMin);
        if (interval != null) {
            Checks.positive("interval", interval);
        }
        if (timeout != null) {
            Checks.positive("timeout", timeout);
        }
        if (restartMax.compareTo(restartMin) < 0) {
            throw new IllegalArgumentException(
                    "restart-max is " + restartMax + ", expected at least restart-min, " + restartMin);
        }
    }

    @Override
    public Source open(SourceContext context) {
        return new ExecSource(
                this,
                MessageReader.of(name, decode.open(context.decoding(name, RebirthListener.NONE))),
                context.intake(),
                context.clock(),
                context.random(),
                context.metrics(ExecMetrics.class, ExecMetrics::new));
    }
}
