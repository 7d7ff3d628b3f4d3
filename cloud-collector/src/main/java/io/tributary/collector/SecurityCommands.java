package io.tributary.collector;

import io.tributary.access.AccessToken;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.collector.security.AgentGrant;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.SecurityDirectory;
import io.tributary.collector.security.SiteAuthority;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.Durations;
import io.tributary.http.JsonWriter;
import io.tributary.pki.Authority;
import io.tributary.pki.EnrolmentToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cloud-collector ca|agent|token}: they change the security directory; a running collector sees it within a second. */
final class SecurityCommands {
    private static final int FAILED = 1;
    private static final long AUDIT_BYTES_MAX = 64L << 20;

    private SecurityCommands() {}

    /** Which directory: said, or from the collector's configuration. */
    static final class Where {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description = "the collector's configuration")
        private @Nullable Path config;

        @Option(names = "--directory", paramLabel = "DIR", description = "the security directory itself")
        private @Nullable Path directory;
    }

    abstract static class Base implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // by picocli
        CommandSpec spec;

        @ArgGroup(exclusive = true, multiplicity = "1")
        @SuppressWarnings("NullAway.Init") // by picocli
        Where where;

        final InstantSource clock = Collector.CLOCK;
        Duration certificates = Duration.ofDays(90);

        abstract int run(SecurityDirectory directory, AuditLog audit) throws IOException;

        @Override
        public final Integer call() {
            PrintWriter err = spec.commandLine().getErr();
            try {
                SecurityDirectory directory = new SecurityDirectory(root());
                return run(directory, new AuditLog(directory.auditLog(), AUDIT_BYTES_MAX, clock));
            } catch (IOException | ConfigException | IllegalArgumentException e) {
                err.println(e.getMessage());
                return FAILED;
            }
        }

        private Path root() throws ConfigException, IOException {
            if (where.directory != null) {
                return where.directory;
            }
            Path config = where.config;
            if (config == null) {
                throw new IllegalStateException("BUG: picocli asks for one of the two");
            }
            SecurityConfig security =
                    ConfigReader.read(config, CollectorConfig.class).security();
            if (security == null) {
                throw new IOException(config + " has no section security, expected one with a directory");
            }
            certificates = security.agentCertificates();
            return security.directory();
        }

        final AgentGrants grants(SecurityDirectory directory, AuditLog audit) throws IOException {
            return new AgentGrants(directory, SiteAuthority.open(directory), certificates, clock, audit);
        }

        final AccessTokens tokens(SecurityDirectory directory, AuditLog audit) throws IOException {
            SiteAuthority.open(directory);
            LongSupplier still = () -> 0;
            return new AccessTokens(directory.tokens(), directory.lock(), clock, still, audit);
        }

        final void say(String line) {
            spec.commandLine().getOut().println(line);
        }

        final void json(JsonBody body) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            JsonWriter json = new JsonWriter(bytes);
            body.write(json);
            json.newline().flush();
            spec.commandLine().getOut().print(bytes.toString(StandardCharsets.UTF_8));
            spec.commandLine().getOut().flush();
        }

        /** What a command prints with {@code --json}. */
        interface JsonBody {
            void write(JsonWriter json) throws IOException;
        }
    }

    @Command(
            name = "ca",
            mixinStandardHelpOptions = true,
            description = "The authority that signs the collector's and the agents' certificates.",
            subcommands = {CaInit.class, CaServer.class})
    static final class Ca {}

    @Command(
            name = "init",
            mixinStandardHelpOptions = true,
            description = "Makes the security directory: an authority, and a certificate for this collector.")
    static final class CaInit extends Base {
        @Option(
                names = "--name",
                defaultValue = "Tributary",
                description = "of the authority; default ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String name;

        @Option(
                names = "--host",
                required = true,
                paramLabel = "NAME",
                description = "a name or address under which agents reach the collector; may be repeated")
        @SuppressWarnings("NullAway.Init") // by picocli
        private List<String> hosts;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            Authority authority = SiteAuthority.create(directory, name, hosts, clock.instant(), audit);
            say("made " + directory.root() + ": authority \"" + name + "\" until "
                    + authority.certificate().getNotAfter().toInstant() + ", collector " + String.join(", ", hosts));
            say("next: cloud-collector agent invite AGENT --devices GLOB; cloud-collector token create NAME");
            return 0;
        }
    }

    @Command(
            name = "server",
            mixinStandardHelpOptions = true,
            description = "Gives the collector a certificate for other names; a running one uses it within a second.")
    static final class CaServer extends Base {
        @Option(names = "--host", required = true, paramLabel = "NAME", description = "may be repeated")
        @SuppressWarnings("NullAway.Init") // by picocli
        private List<String> hosts;

        @Option(
                names = "--revoke-former",
                description = "its key was stolen: puts the certificate of before on the revocation list, which agents"
                        + " have to be given")
        private boolean revoke;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            SiteAuthority.renewServer(directory, SiteAuthority.open(directory), hosts, revoke, clock.instant(), audit);
            say("the collector's certificate is for " + String.join(", ", hosts));
            if (revoke) {
                say("next: copy " + directory.revocations() + " to the agents, as their collector.tls.revocations");
            }
            return 0;
        }
    }

    @Command(
            name = "agent",
            mixinStandardHelpOptions = true,
            description = "Which agents may send, and for which devices.",
            subcommands = {AgentInvite.class, AgentList.class, AgentRevoke.class})
    static final class Agents {}

    @Command(
            name = "invite",
            mixinStandardHelpOptions = true,
            description = {
                "Prints a token with which an agent can enrol once: edge-agent enroll --token.",
                "For an agent that is known, too: one whose certificate is over, or that was revoked."
            })
    static final class AgentInvite extends Base {
        @Parameters(paramLabel = "AGENT", description = "the agent's ID")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String agent;

        @Option(
                names = "--devices",
                required = true,
                paramLabel = "GLOB",
                description = "device IDs it may write, \"*\" for all; may be repeated")
        @SuppressWarnings("NullAway.Init") // by picocli
        private List<String> devices;

        @Option(names = "--expires", defaultValue = "24h", description = "default ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String expires;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            EnrolmentToken token = grants(directory, audit).invite(agent, devices, Durations.parse(expires));
            say(token.text());
            return 0;
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Agents, their devices and certificates.")
    static final class AgentList extends Base {
        @Option(names = "--json", description = "for machines")
        private boolean asJson;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            List<AgentGrant> grants = grants(directory, audit).all();
            if (!asJson) {
                for (AgentGrant grant : grants) {
                    say(grant.agent() + "\t" + state(grant) + "\t" + String.join(" ", grant.devices()));
                }
                return 0;
            }
            json(out -> {
                out.beginArray();
                for (AgentGrant grant : grants) {
                    out.beginObject();
                    out.name("agent").value(grant.agent());
                    out.name("state").value(state(grant));
                    out.name("devices").beginArray();
                    for (String glob : grant.devices()) {
                        out.value(glob);
                    }
                    out.endArray();
                    out.endObject();
                }
                out.endArray();
            });
            return 0;
        }

        private String state(AgentGrant grant) {
            if (grant.revoked()) {
                return "revoked";
            }
            if (grant.certificates().isEmpty()) {
                return "invited";
            }
            String expires =
                    grant.certificates().get(grant.certificates().size() - 1).expires();
            return Instant.parse(expires).isBefore(clock.instant()) ? "expired " + expires : "valid until " + expires;
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Takes an agent's certificates back: its session ends within a second.")
    static final class AgentRevoke extends Base {
        @Parameters(paramLabel = "AGENT", description = "the agent's ID")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String agent;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            if (!grants(directory, audit).revoke(agent)) {
                throw new IOException("agent \"" + agent + "\" is unknown, expected one of \"agent list\"");
            }
            say("agent " + agent + " is revoked");
            return 0;
        }
    }

    @Command(
            name = "token",
            mixinStandardHelpOptions = true,
            description = "Tokens of the HTTP API and of gRPC queries.",
            subcommands = {TokenCreate.class, TokenList.class, TokenRevoke.class})
    static final class Tokens {}

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Prints a new token, once.")
    static final class TokenCreate extends Base {
        @Parameters(paramLabel = "NAME", description = "whose it is")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String name;

        @Option(names = "--role", defaultValue = "read", description = "read, write or admin; default ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String role;

        @Option(names = "--devices", paramLabel = "GLOB", description = "limits it to some devices; may be repeated")
        private List<String> devices = List.of();

        @Option(names = "--expires", description = "after this long, for example 30d; default never")
        private @Nullable String expires;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            Duration validity = expires == null ? null : Durations.parse(expires);
            say(tokens(directory, audit).create(name, Role.parse(role), devices, validity));
            return 0;
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Names, roles and scopes; never the tokens.")
    static final class TokenList extends Base {
        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            for (AccessToken token : tokens(directory, audit).all()) {
                say(token.name() + "\t" + token.role().name().toLowerCase(Locale.ROOT) + "\t"
                        + (token.devices().isEmpty() ? "*" : String.join(" ", token.devices())) + "\t"
                        + (token.expires() == null ? "never expires" : "expires " + token.expires()));
            }
            return 0;
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Makes a token void within a second.")
    static final class TokenRevoke extends Base {
        @Parameters(paramLabel = "NAME", description = "as it was created")
        @SuppressWarnings("NullAway.Init") // by picocli
        private String name;

        @Override
        int run(SecurityDirectory directory, AuditLog audit) throws IOException {
            if (!tokens(directory, audit).revoke(name)) {
                throw new IOException("token \"" + name + "\" is unknown, expected one of \"token list\"");
            }
            say("token " + name + " is revoked");
            return 0;
        }
    }
}
