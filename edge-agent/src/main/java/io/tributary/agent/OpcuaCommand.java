package io.tributary.agent;

import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.opcua.OpcuaConfig;
import io.tributary.agent.source.opcua.OpcuaExplorer;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.Secret;
import io.tributary.http.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code edge-agent opcua ...}: what an OPC UA server has, for setting a source up. Exit codes: 0 well, 1 not reached or
 * not all found, 2 wrong usage or configuration.
 */
@Command(
        name = "opcua",
        mixinStandardHelpOptions = true,
        description = "Looks at OPC UA servers, for setting a source up.")
final class OpcuaCommand {
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @FunctionalInterface
    private interface Json {
        void write(JsonWriter to) throws IOException;
    }

    @Command(
            name = "browse",
            mixinStandardHelpOptions = true,
            description = {
                "Shows the nodes of a server as a tree, with types, values and units.",
                "A server that is not trusted lands in the folder rejected of --pki; move it to trusted."
            })
    int browse(
            @Parameters(paramLabel = "ENDPOINT", description = "opc.tcp://HOST:PORT/PATH") String endpoint,
            @Option(names = "--endpoints", description = "only what the server offers; needs no session")
                    boolean endpoints,
            @Option(
                            names = "--path",
                            defaultValue = "/",
                            paramLabel = "PATH",
                            description = "below this, /2:Line1/2:Pump1 for example (${DEFAULT-VALUE})")
                    String path,
            @Option(names = "--depth", defaultValue = "8", paramLabel = "N", description = "levels (${DEFAULT-VALUE})")
                    int depth,
            @Option(
                            names = "--limit",
                            defaultValue = "10000",
                            paramLabel = "N",
                            description = "nodes at most (${DEFAULT-VALUE})")
                    int limit,
            @Option(
                            names = "--security-policy",
                            defaultValue = "none",
                            paramLabel = "POLICY",
                            description =
                                    "none, basic256sha256, aes128-sha256-rsaoaep, aes256-sha256-rsapss (${DEFAULT-VALUE})")
                    String policy,
            @Option(
                            names = "--security-mode",
                            defaultValue = "sign-and-encrypt",
                            paramLabel = "MODE",
                            description = "or sign (${DEFAULT-VALUE})")
                    String mode,
            @Option(names = "--user", paramLabel = "NAME", description = "anonymous without it") @Nullable String user,
            @Option(names = "--password-file", paramLabel = "FILE", description = "its first line is the password")
                    @Nullable
                    Path passwordFile,
            @Option(
                            names = "--pki",
                            defaultValue = "opcua",
                            paramLabel = "DIR",
                            description = "trust folder (${DEFAULT-VALUE})")
                    Path pki,
            @Option(names = "--sample", description = "a configuration for the variables found, YAML") boolean sample,
            @Option(names = "--json", description = "as one JSON object") boolean json) {
        try {
            OpcuaConfig.address(endpoint);
            if (endpoints) {
                show(OpcuaExplorer.endpoints(endpoint, TIMEOUT), json);
                return 0;
            }
            Secret password = passwordFile == null
                    ? null
                    : new Secret(
                            Files.readString(passwordFile).lines().findFirst().orElse(""));
            try (OpcuaExplorer explorer = OpcuaExplorer.connect(
                    endpoint,
                    constant("--security-policy", policy, OpcuaConfig.SecurityPolicy.class),
                    constant("--security-mode", mode, OpcuaConfig.SecurityMode.class),
                    user,
                    password,
                    pki,
                    TIMEOUT)) {
                List<OpcuaExplorer.Entry> entries = explorer.browse(path, depth, limit);
                if (sample) {
                    sample(endpoint, policy, user, entries);
                } else {
                    tree(entries, json);
                }
            }
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            err().println(e.getMessage());
            return FAILED;
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Connects as the agent would and shows every variable that its configuration finds.")
    int check(
            @Option(
                            names = {"-c", "--config"},
                            required = true,
                            paramLabel = "FILE",
                            description = "the agent's configuration")
                    Path file,
            @Option(names = "--json", description = "one JSON object per source") boolean json) {
        try {
            AgentConfig config = ConfigReader.read(file, AgentConfig.class);
            int sources = 0;
            boolean well = true;
            for (SourceConfig each : config.sources()) {
                if (each instanceof OpcuaConfig source) {
                    sources++;
                    well &= check(source, config, json);
                }
            }
            if (sources == 0) {
                err().println(file + " has no source of type opcua");
                return MISCONFIGURED;
            }
            return well ? 0 : FAILED;
        } catch (ConfigException e) {
            err().println(e.getMessage());
            return MISCONFIGURED;
        }
    }

    private boolean check(OpcuaConfig source, AgentConfig config, boolean json) {
        Path beside = Agent.beside(config.outbox().path(), ".sources");
        Path folder = source.pki();
        Path pki = folder == null ? beside.resolve("opcua") : folder;
        try (OpcuaExplorer explorer = OpcuaExplorer.connect(source, config.agent(), pki)) {
            List<OpcuaExplorer.Finding> findings = explorer.check(source);
            boolean well = !findings.isEmpty()
                    && findings.stream().noneMatch(each -> each.status().startsWith("Bad"));
            if (json) {
                out().print(json(to -> {
                    to.beginObject()
                            .name("source")
                            .value(source.name())
                            .name("well")
                            .value(well);
                    to.name("variables").beginArray();
                    for (OpcuaExplorer.Finding each : findings) {
                        to.beginObject()
                                .name("node")
                                .value(each.id())
                                .name("device")
                                .value(each.device());
                        to.name("channel").value(each.channel()).name("unit").value(each.unit());
                        to.name("value").value(each.value()).name("status").value(each.status());
                        to.endObject();
                    }
                    to.endArray().endObject();
                }));
            } else {
                for (OpcuaExplorer.Finding each : findings) {
                    out().println(String.join(
                            "\t",
                            each.device(),
                            each.channel(),
                            (each.value() + " " + each.unit()).trim(),
                            each.status(),
                            each.id()));
                }
                out().println(source.name() + ": " + findings.size() + " variables");
            }
            out().flush();
            return well;
        } catch (IOException e) {
            err().println(source.name() + ": " + e.getMessage());
            return false;
        }
    }

    private void show(List<OpcuaExplorer.Endpoint> endpoints, boolean json) throws IOException {
        if (json) {
            out().print(json(to -> {
                to.beginObject().name("endpoints").beginArray();
                for (OpcuaExplorer.Endpoint each : endpoints) {
                    to.beginObject()
                            .name("url")
                            .value(each.url())
                            .name("policy")
                            .value(each.policy());
                    to.name("mode").value(each.mode()).name("identities").beginArray();
                    for (String identity : each.identities()) {
                        to.value(identity);
                    }
                    to.endArray().endObject();
                }
                to.endArray().endObject();
            }));
        } else {
            for (OpcuaExplorer.Endpoint each : endpoints) {
                out().println(String.join(
                        "\t", each.policy(), each.mode(), String.join(",", each.identities()), each.url()));
            }
        }
        out().flush();
    }

    private void tree(List<OpcuaExplorer.Entry> entries, boolean json) throws IOException {
        if (json) {
            out().print(json(to -> {
                to.beginObject().name("nodes").beginArray();
                for (OpcuaExplorer.Entry each : entries) {
                    to.beginObject().name("node").value(each.id()).name("path").value(each.path());
                    to.name("variable").value(each.variable());
                    if (each.variable()) {
                        to.name("type").value(each.type()).name("unit").value(each.unit());
                        to.name("value").value(each.value()).name("status").value(each.status());
                    }
                    to.endObject();
                }
                to.endArray().endObject();
            }));
        } else {
            for (OpcuaExplorer.Entry each : entries) {
                String value = (each.value() + " " + each.unit()).trim();
                String text = "  ".repeat(each.depth())
                        + each.name()
                        + (each.variable() ? "  " + each.type() + "  " + value + "  " + each.status() : "");
                out().println("%-60s %s".formatted(text, each.variable() ? each.id() : each.path()));
            }
        }
        out().flush();
    }

    /** Of each variable its folder as the device. */
    private void sample(String endpoint, String policy, @Nullable String user, List<OpcuaExplorer.Entry> entries) {
        PrintWriter out = out();
        out.println("agent: my-agent\noutbox:\n  path: outbox\nsources:\n  - type: opcua");
        out.println("    endpoint: " + endpoint);
        out.println("    security-policy: " + policy);
        if (user != null) {
            out.println("    user: " + quoted(user) + "\n    password: ${env:OPCUA_PASSWORD}");
        }
        if (!OpcuaConfig.address(endpoint).isLoopback() && policy.equals("none")) {
            out.println("    allow-plaintext-off-loopback: true");
        }
        out.println("    nodes:");
        for (OpcuaExplorer.Entry each : entries) {
            if (each.variable()) {
                String[] names = each.path().split("/");
                String folder = names.length < 3 ? "server" : names[names.length - 2].replaceFirst("^[0-9]+:", "");
                out.println("      - node: " + quoted(each.id()));
                out.println("        device: " + quoted(folder));
                out.println("        channel: " + quoted(each.name()));
            }
        }
        out.flush();
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("${", "$${") + "\"";
    }

    private static <E extends Enum<E>> E constant(String option, String text, Class<E> type) {
        for (E each : java.util.Objects.requireNonNull(type.getEnumConstants())) {
            if (each.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-').equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(option + " is \"" + text + "\", expected one of "
                + java.util.Arrays.stream(type.getEnumConstants())
                        .map(each ->
                                each.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                        .toList());
    }

    private static String json(Json content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonWriter to = new JsonWriter(bytes);
        content.write(to);
        to.newline().flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
