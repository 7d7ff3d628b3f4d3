package io.tributary.sim;

import io.tributary.config.Durations;
import java.time.Duration;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Simulated firmware: devices that send, and the account of what was taken from them. */
@Command(
        name = "firmware-sim",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        description = "Simulates devices that send readings to an edge agent, and verifies what arrived.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:all well", "1:a failure, or differences found", "2:wrong usage"})
public final class FirmwareSim implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private FirmwareSim() {}

    public static void main(String[] arguments) {
        StopSignal stop = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(stop), "stop"));
        Environment environment = new Environment(InstantSource.system(), System::nanoTime, stop);
        int code = commandLine(environment).execute(arguments);
        stop.finished();
        System.exit(code);
    }

    private static void awaitStop(StopSignal stop) {
        try {
            stop.requestAndAwait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static CommandLine commandLine(Environment environment) {
        CommandLine commands = new CommandLine(new FirmwareSim())
                .addSubcommand(new ReplayCommand(environment))
                .addSubcommand(new VerifyCommand(environment));
        commands.registerConverter(Duration.class, Durations::parse);
        commands.registerConverter(Speed.class, Speed::parse);
        commands.registerConverter(TcpTarget.class, TcpTarget::parse);
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof RuntimeException) {
                throw failure;
            }
            command.getErr().println(command.getCommandName() + ": " + failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commands;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which sub-command?");
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = FirmwareSim.class.getPackage().getImplementationVersion();
            return new String[] {"firmware-sim " + (version == null ? "(from classes)" : version)};
        }
    }
}
