package io.tributary.agent;

import io.tributary.access.AccessToken;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.agent.clock.SystemClock;
import io.tributary.audit.AuditLog;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.Durations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code edge-agent token}: tokens of the agent's own HTTP listeners; a running agent sees a change within a second. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        description = "Tokens of the agent's HTTP listener, and of sources of type http.",
        subcommands = {TokenCommand.Create.class, TokenCommand.Show.class, TokenCommand.Revoke.class})
final class TokenCommand {
    private static final int FAILED = 1;

    private TokenCommand() {}

    abstract static class Base implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // by picocli
        CommandSpec spec;

        @Option(
                names = {"-c", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "the agent's configuration")
        @SuppressWarnings("NullAway.Init") // by picocli
        private Path config;

        @Option(names = "--directory", paramLabel = "DIR", description = "the tokens, when it is not http.tokens")
        private @Nullable Path directory;

        abstract void run(AccessTokens tokens) throws IOException;

        @Override
        public final Integer call() {
            PrintWriter err = spec.commandLine().getErr();
            try {
                AgentConfig settings = ConfigReader.read(config, AgentConfig.class);
                Path folder = directory == null ? settings.http().tokens() : directory;
                if (folder == null) {
                    throw new IOException(config + " has no http.tokens, expected a directory there or --directory");
                }
                InstantSource clock = wallClock();
                run(new AccessTokens(
                        folder,
                        AgentSecurity.lock(folder),
                        clock,
                        () -> 0,
                        new AuditLog(
                                AgentSecurity.auditFile(settings.outbox().path()), AgentSecurity.AUDIT_BYTES, clock)));
                return 0;
            } catch (IOException | ConfigException | IllegalArgumentException e) {
                err.println(e.getMessage());
                return FAILED;
            }
        }

        private static InstantSource wallClock() {
            SystemClock clock = new SystemClock();
            return () -> Instant.ofEpochSecond(0, clock.wallNs());
        }

        final void say(String line) {
            spec.commandLine().getOut().println(line);
        }
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Prints a new token, once.")
    static final class Create extends Base {
        @Parameters(paramLabel = "NAME", description = "whose it is")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String name;

        @Option(
                names = "--role",
                defaultValue = "read",
                description = "read (metrics, dead letters), write (readings) or admin; default ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String role;

        @Option(names = "--devices", paramLabel = "GLOB", description = "limits it to some devices; may be repeated")
        private List<String> devices = List.of();

        @Option(names = "--expires", description = "after this long, for example 30d; default never")
        private @Nullable String expires;

        @Override
        void run(AccessTokens tokens) throws IOException {
            Duration validity = expires == null ? null : Durations.parse(expires);
            say(tokens.create(name, Role.parse(role), devices, validity));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Names, roles and scopes; never the tokens.")
    static final class Show extends Base {
        @Override
        void run(AccessTokens tokens) throws IOException {
            for (AccessToken token : tokens.all()) {
                say(token.name() + "\t" + token.role().name().toLowerCase(Locale.ROOT) + "\t"
                        + (token.devices().isEmpty() ? "*" : String.join(" ", token.devices())) + "\t"
                        + (token.expires() == null ? "never expires" : "expires " + token.expires()));
            }
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Makes a token void within a second.")
    static final class Revoke extends Base {
        @Parameters(paramLabel = "NAME", description = "as it was created")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String name;

        @Override
        void run(AccessTokens tokens) throws IOException {
            if (!tokens.revoke(name)) {
                throw new IOException("token \"" + name + "\" is unknown, expected one of \"token list\"");
            }
            say("token " + name + " is revoked");
        }
    }
}
