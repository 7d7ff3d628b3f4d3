package io.tributary.collector;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.process.StopSignal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The program {@code cloud-collector}: exit codes are 0 for a clean end, 1 for a failure, 2 for wrong usage or
 * configuration.
 */
@Command(
        name = "cloud-collector",
        mixinStandardHelpOptions = true,
        versionProvider = CloudCollector.Version.class,
        description = "Takes readings from edge agents, stores them per device, answers questions about them.",
        subcommands = {
            CloudCollector.Run.class,
            SizesCommand.class,
            SecurityCommands.Ca.class,
            SecurityCommands.Agents.class,
            SecurityCommands.Tokens.class
        })
public final class CloudCollector {
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;

    private CloudCollector() {}

    public static void main(String[] args) {
        // gRPC and Netty log to java.util.logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(execute(args));
    }

    static int execute(String... args) {
        CommandLine line = new CommandLine(new CloudCollector());
        if (args.length == 0) {
            line.usage(line.getErr());
            return MISCONFIGURED;
        }
        return line.execute(args);
    }

    static String version() {
        String version = CloudCollector.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"cloud-collector " + version()};
        }
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = {
                "Runs the collector until it is told to stop (SIGTERM, Ctrl-C): it sends agents away then, makes durable"
                        + " what has come in, and ends.",
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
        public Integer call() throws InterruptedException {
            PrintWriter err = spec.commandLine().getErr();
            PrintWriter out = spec.commandLine().getOut();
            CollectorConfig settings;
            try {
                settings = ConfigReader.read(config, CollectorConfig.class);
            } catch (ConfigException e) {
                err.println(e.getMessage());
                return MISCONFIGURED;
            }
            if (check) {
                out.println(config + ": ok");
                return 0;
            }
            StopSignal stop = StopSignal.install();
            try (Collector collector = new Collector(settings, version())) {
                collector.start();
                out.println("READY cloud-collector " + collector.readyValues());
                out.flush();
                stop.await();
                return 0;
            } catch (StartupException e) {
                err.println("cloud-collector cannot start: " + e.getMessage());
                return FAILED;
            }
        }
    }
}
