package io.tributary.deploy;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What {@code deploy/demo} and {@code deploy/bench} start. */
@Command(
        name = "deploy",
        mixinStandardHelpOptions = true,
        versionProvider = Deploy.Version.class,
        description = "Runs the whole line on one machine.",
        subcommands = {Demo.class, Bench.class})
public final class Deploy {

    private Deploy() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Deploy()).execute(arguments));
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Deploy.class.getPackage().getImplementationVersion();
            return new String[] {"deploy " + (version == null ? "(from classes)" : version)};
        }
    }
}
