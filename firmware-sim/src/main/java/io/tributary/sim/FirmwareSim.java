package io.tributary.sim;

import io.tributary.config.Durations;
import io.tributary.config.HostPort;
import io.tributary.sim.link.Protocol;
import io.tributary.sim.load.PressPlan;
import io.tributary.sim.replay.ReplayFiles;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
                .addSubcommand(new FleetCommand(environment))
                .addSubcommand(new VerifyCommand(environment))
                .addSubcommand(new OpcuaServerCommand(environment))
                .addSubcommand(new LoadCommand(environment))
                .addSubcommand(new PressCommand(environment));
        commands.registerConverter(Duration.class, Durations::parse);
        commands.registerConverter(Speed.class, Speed::parse);
        commands.registerConverter(HostPort.class, HostPort::parse);
        commands.registerConverter(Target.class, Target::parse);
        commands.registerConverter(Protocol.class, word -> constant(Protocol.class, word));
        commands.registerConverter(ReplayFiles.Merge.class, word -> constant(ReplayFiles.Merge.class, word));
        commands.registerConverter(PressPlan.Form.class, word -> constant(PressPlan.Form.class, word));
        commands.registerConverter(FleetCommand.Shape.class, word -> constant(FleetCommand.Shape.class, word));
        commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof RuntimeException) {
                throw failure;
            }
            command.getErr().println("firmware-sim " + command.getCommandName() + ": " + describe(failure));
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commands;
    }

    private static String describe(Exception failure) {
        String message = failure.getMessage();
        if (failure instanceof NoSuchFileException) {
            return message + ": no such file or directory";
        } else if (failure instanceof AccessDeniedException) {
            return message + ": permission denied";
        }
        return message == null ? failure.toString() : message;
    }

    /** Words as in configuration files: {@code round-robin}. */
    private static <E extends Enum<E>> E constant(Class<E> type, String word) {
        List<String> known = new ArrayList<>();
        for (E each : type.getEnumConstants()) {
            String name = each.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(word)) {
                return each;
            }
            known.add(name);
        }
        throw new IllegalArgumentException("'" + word + "', expected one of " + String.join(", ", known));
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
