package io.tributary.agent;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.process.HangupSignal;
import io.tributary.process.StopSignal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
        System.exit(execute(args));
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
            AgentConfig settings;
            try {
                settings = ConfigReader.read(config, AgentConfig.class);
            } catch (ConfigException e) {
                err.println(e.getMessage());
                return MISCONFIGURED;
            }
            if (check) {
                out.println(config + ": ok");
                return 0;
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
            }
        }
    }
}
