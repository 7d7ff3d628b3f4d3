package io.tributary.deploy;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code deploy/bench}: figures of a collector or an agent of this machine, as {@code name value unit}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures programs that are started for it on free ports, with their files in a new directory.",
        subcommands = {
            StorageBench.class,
            SizeBench.class,
            RecoveryBench.class,
            QueryBench.class,
            EdgeBench.class,
            FloodBench.class,
            Flooder.class,
            TlsBench.class,
            SourcesBench.class,
            ConnectionsBench.class,
            Noise.class
        })
final class Bench implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which measurement?");
    }
}
