package io.tributary.agent;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.process.HangupSignal;
import io.tributary.process.StopSignal;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The program {@code edge-agent}: exit codes are 0 for a clean end, 1 for a failure, 2 for wrong usage or configuration. */
@Command(
        name = "edge-agent",
        mixinStandardHelpOptions = true,
        versionProvider = EdgeAgent.Version.class,
        description = "Takes readings from sensors, keeps them safe, forwards them to a collector.",
        subcommands = {
            EdgeAgent.Run.class,
            RehearseCommand.class,
            EnrollCommand.class,
            TokenCommand.class,
            OutboxCommand.class,
            OpcuaCommand.class
        })
public final class EdgeAgent {
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;

    private EdgeAgent() {}

    public static void main(String[] args) {
        Path config = configOfRun(args);
        System.exit(config == null ? execute(args) : run(config, out(System.out), out(System.err)));
    }

    /**
     * As an agent is started at boot: nothing but {@code run --config FILE}. It does without picocli, whose 180 classes would
     * be loaded, which an archive of classes cannot hold, and kept.
     */
    static @Nullable Path configOfRun(String... args) {
        boolean plain =
                args.length == 3 && args[0].equals("run") && (args[1].equals("--config") || args[1].equals("-c"));
        return plain && !args[2].startsWith("-") ? Path.of(args[2]) : null;
    }

    private static PrintWriter out(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, Charset.defaultCharset()), true);
    }

    /** Until it is told to stop; the exit code. */
    private static int run(Path config, PrintWriter out, PrintWriter err) {
        AgentConfig settings;
        try {
            settings = ConfigReader.read(config, AgentConfig.class);
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return MISCONFIGURED;
        }
        StopSignal stop = StopSignal.install();
        try (Agent agent = new Agent(settings, () -> ConfigReader.read(config, AgentConfig.class), version());
                FileWatch watch = new FileWatch(config, agent::reload)) {
            agent.start();
            HangupSignal.onEach(agent::reload);
            watch.start();
            out.println("READY edge-agent " + agent.readyValues());
            out.flush();
            stop.await();
            return 0;
        } catch (IOException e) {
            err.println("edge-agent cannot start: " + e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        } catch (RuntimeException e) {
            e.printStackTrace(err); // a bug; other threads must not keep the process
            return FAILED;
        }
    }

    static int execute(String... args) {
        CommandLine line = new CommandLine(new EdgeAgent());
        if (args.length == 0) {
            line.usage(line.getErr());
            return MISCONFIGURED;
        }
        return line.execute(args);
    }

    static String version() {
        String version = EdgeAgent.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"edge-agent " + version()};
        }
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = {
                "Runs the agent until it is told to stop (SIGTERM, Ctrl-C): it takes nothing new then, sends what is"
                        + " queued as far as forward.drain-timeout allows, and ends.",
                "Prints one line READY when it serves."
            })
    static final class Run implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // by picocli
        private CommandSpec spec;

        @Option(
                names = {"-c", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "the configuration, YAML")
        @SuppressWarnings("NullAway.Init") // by picocli
        private Path config;

        @Option(names = "--check", description = "only reads the configuration, says what is wrong, and ends")
        private boolean check;

        @Override
        public Integer call() {
            PrintWriter err = spec.commandLine().getErr();
            PrintWriter out = spec.commandLine().getOut();
            if (!check) {
                return run(config, out, err);
            }
            try {
                ConfigReader.read(config, AgentConfig.class);
            } catch (ConfigException e) {
                err.println(e.getMessage());
                return MISCONFIGURED;
            }
            out.println(config + ": ok");
            return 0;
        }
    }
}
