package io.tributary.agent;

import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.enrol.IdentityFiles;
import io.tributary.agent.uplink.EnrolmentClient;
import io.tributary.config.HostPort;
import io.tributary.pki.EnrolmentToken;
import io.tributary.pki.Keys;
import io.tributary.tls.CertificateTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code edge-agent enroll}: from a token to a certificate. */
@Command(
        name = "enroll",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a key, which stays here, and gets the agent's certificate from its collector for a token of"
                    + " \"cloud-collector agent invite\".",
            "The collector is checked by the fingerprint in the token. An agent whose certificate is over is enrolled the"
                    + " same way; its outbox stays."
        })
final class EnrollCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--collector",
            required = true,
            paramLabel = "HOST:PORT",
            description = "its gRPC port, mostly 9440")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String collector;

    @Option(
            names = "--token",
            required = true,
            paramLabel = "TOKEN",
            description =
                    "what \"agent invite\" printed; \"-\" reads it from standard input, which no process list shows")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String token;

    @Option(
            names = "--directory",
            defaultValue = "identity",
            paramLabel = "DIR",
            description = "gets agent.pem and ca.crt; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path directory;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "a configuration to begin with is written here, if it is not there")
    private @Nullable Path config;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter out = spec.commandLine().getOut();
        try {
            EnrolmentToken invitation = EnrolmentToken.parse(token.equals("-") ? firstLine() : token);
            HostPort address = HostPort.parse(collector);
            KeyPair keys = Keys.create();
            List<X509Certificate> chain = EnrolmentClient.enrol(address, invitation, keys, time());
            IdentityFiles files = IdentityFiles.in(directory);
            files.write(keys.getPrivate(), chain);
            out.println("agent " + invitation.agent() + " is enrolled at " + address + " until "
                    + chain.get(0).getNotAfter().toInstant() + ": " + files.identity() + ", " + files.authority());
            String section = section(invitation.agent(), address, files);
            Path file = config;
            if (file != null && !Files.exists(file)) {
                Files.writeString(file, section + REST, StandardOpenOption.CREATE_NEW);
                out.println("wrote " + file + "; edge-agent run --config " + file);
            } else {
                out.println("its configuration needs:\n" + section.stripTrailing());
            }
            return 0;
        } catch (IOException | IllegalArgumentException e) {
            err.println("edge-agent cannot enrol: " + e.getMessage());
            return FAILED;
        }
    }

    /** Whoever enrols may have no clock yet: it comes with the first session. */
    private static CertificateTime time() {
        SystemClock clock = new SystemClock();
        return new CertificateTime() {
            @Override
            public Instant now() {
                return Instant.ofEpochSecond(0, Math.max(Agent.EARLIEST_NS, clock.wallNs()));
            }

            @Override
            public boolean isCertain() {
                return clock.wallNs() >= Agent.EARLIEST_NS;
            }
        };
    }

    private static String firstLine() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = in.readLine();
        if (line == null) {
            throw new IOException("standard input is empty, expected the token");
        }
        return line;
    }

    private static String section(String agent, HostPort collector, IdentityFiles files) {
        return "agent: \"" + agent + "\"\n\ncollector:\n  address: \"" + collector + "\"\n  tls:\n    certificate: "
                + files.identity() + "\n    key: " + files.identity() + "\n    ca: " + files.authority() + "\n";
    }

    private static final String REST = """

            outbox:
              path: outbox

            # What the agent listens to; conf/edge-agent.yaml shows every source and key.
            sources:
              - type: tcp-lines
                name: tcp.lines
            """;
}
