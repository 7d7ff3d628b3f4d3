package io.tributary.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A collector and an agent of this installation on free ports of the loopback address, with all their files in one
 * directory. Either can be killed and started again: it keeps its ports and its data.
 */
final class Line implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(180);
    private static final Duration STOP = Duration.ofSeconds(60);

    private final Installation installation;
    private final Path directory;
    private final List<Program> simulators = new ArrayList<>();
    private Map<String, String> collectorEnvironment = Map.of();
    private Map<String, String> agentEnvironment = Map.of();
    private Map<String, String> simulatorEnvironment = Map.of();
    private String collectorStorage = "";
    private String collectorMqtt = "";
    private String collectorGrpc = "";
    private String agentUplinks = "";
    private String agentSources = "";
    private String agentOutboxKeys = "";
    private String agentForwardKeys = "";
    private String agentClock = "";
    private Path outbox;
    private Path collectorData;
    private String uplink = "";
    private @Nullable ReadyLine agentReady;
    private final Map<String, CollectorApi> clients = new ConcurrentHashMap<>();
    private @Nullable SecuredSite site;
    private String token = "";
    private @Nullable Program collector;
    private @Nullable Program agent;
    private int grpcPort;
    private int httpPort;
    private int agentHttpPort;
    private int framesPort;
    private int linesPort;
    private final Map<String, String> namedSources = new LinkedHashMap<>();

    Line(Installation installation, Path directory) {
        this.installation = installation;
        this.directory = directory;
        this.outbox = directory.resolve("agent-outbox");
        this.collectorData = directory.resolve("collector-data");
    }

    /** Where the agent keeps its outbox; more keys of section {@code outbox} as YAML lines indented by two blanks. */
    Line withAgentOutbox(Path path, String yaml) {
        outbox = path;
        agentOutboxKeys = yaml;
        return this;
    }

    /** More keys of section {@code forward}, as YAML lines indented by two blanks. */
    Line withAgentForward(String yaml) {
        agentForwardKeys = yaml;
        return this;
    }

    /** Section {@code clock} of the agent's configuration, as YAML lines indented by two blanks. */
    Line withAgentClock(String yaml) {
        agentClock = "clock:\n" + yaml;
        return this;
    }

    Line withCollectorData(Path path) {
        collectorData = path;
        return this;
    }

    /** The agent reaches its collector through this port of the loopback address, a proxy's. */
    Line withUplinkPort(int port) {
        uplink = "127.0.0.1:" + port;
        return this;
    }

    /** The agent reaches its collector there, without TLS wherever it is. */
    Line withUplinkAddress(String address) {
        uplink = address;
        return this;
    }

    /** For the next start of the collector, {@code TRIBUTARY_HEAP} for one. */
    Line withCollectorEnvironment(Map<String, String> environment) {
        collectorEnvironment = Map.copyOf(environment);
        return this;
    }

    /** For the next start of the agent. */
    Line withAgentEnvironment(Map<String, String> environment) {
        agentEnvironment = Map.copyOf(environment);
        return this;
    }

    /** For simulators from here on. */
    Line withSimulatorEnvironment(Map<String, String> environment) {
        simulatorEnvironment = Map.copyOf(environment);
        return this;
    }

    /** Section {@code storage} of the collector's configuration, as YAML lines indented by two blanks. */
    Line withCollectorStorage(String yaml) {
        collectorStorage = yaml;
        return this;
    }

    /** More entries of {@code sources} in the agent's configuration, as YAML lines indented by two blanks. */
    Line withAgentSources(String yaml) {
        agentSources = yaml;
        return this;
    }

    /**
     * One more source of the agent's.
     *
     * @param yaml its entry, indented by two blanks; {@code ${port}} stands for a port that it keeps
     */
    Line withAgentSource(String name, String yaml) {
        namedSources.put(name, yaml);
        return this;
    }

    /** More of section {@code grpc} of the collector's configuration, as YAML lines indented by two blanks. */
    Line withCollectorGrpc(String yaml) {
        collectorGrpc = yaml;
        return this;
    }

    /** Section {@code mqtt} of the collector's configuration, as YAML lines indented by two blanks. */
    Line withCollectorMqtt(String yaml) {
        collectorMqtt = yaml;
        return this;
    }

    /**
     * More of section {@code collector} of the agent's configuration, as YAML lines indented by two blanks.
     *
     * @param collectorPort where the agent looks for the collector's gRPC; 0: at the collector
     */
    Line withAgentUplinks(String yaml, int collectorPort) {
        agentUplinks = yaml;
        uplink = collectorPort == 0 ? "" : "127.0.0.1:" + collectorPort;
        return this;
    }

    /** With a generated authority, enrolment, mutual TLS and tokens, from the first start on. */
    Line secured() {
        SecuredSite made = new SecuredSite(installation, directory);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + directory, e);
        }
        made.init();
        token = made.createToken("line", "--role", "admin");
        write("token", token + "\n");
        site = made;
        return this;
    }

    SecuredSite site() {
        if (site == null) {
            throw new IllegalStateException("BUG: the line is not secured");
        }
        return site;
    }

    void start() {
        startCollector();
        enrol();
        startAgent();
    }

    private void enrol() {
        if (site != null) {
            site.enrol(grpcAddress(), site.invite("demo-agent", "*"), "identity");
        }
    }

    void startCollector() {
        Path config = write(
                "cloud-collector.yaml",
                """
                name: demo-collector
                data: %s
                grpc:
                  listen: 127.0.0.1:%d
                %shttp:
                  listen: 127.0.0.1:%d
                """.formatted(collectorData, grpcPort, collectorGrpc, httpPort)
                        + (site == null ? "" : "security:\n  directory: " + site.directory() + "\n")
                        + (collectorStorage.isEmpty() ? "" : "storage:\n" + collectorStorage)
                        + (collectorMqtt.isEmpty() ? "" : "mqtt:\n" + collectorMqtt));
        Program started = Program.start(
                installation.script(Installation.COLLECTOR),
                List.of("run", "--config", config.toString()),
                collectorEnvironment,
                directory.resolve("cloud-collector.log"));
        collector = started;
        ReadyLine ready = started.awaitReady(START);
        grpcPort = ready.port("grpc");
        httpPort = ready.port("http");
    }

    void startAgent() {
        Path config = write(
                "edge-agent.yaml",
                """
                agent: demo-agent
                collector:
                  address: %s
                %soutbox:
                  path: %s
                %sforward:
                  reconnect-max: 2s
                  status-interval: 1s
                %shttp:
                  listen: 127.0.0.1:%d
                sources:
                  - type: tcp-frames
                    listen: 127.0.0.1:%d
                  - type: tcp-lines
                    listen: 127.0.0.1:%d
                """.formatted(
                                        uplink.isEmpty() ? grpcAddress() : uplink,
                                        plaintext() + agentTls() + agentUplinks,
                                        outbox,
                                        agentOutboxKeys,
                                        agentForwardKeys + agentClock,
                                        agentHttpPort,
                                        framesPort,
                                        linesPort)
                        + agentSources
                        + moreSources());
        Program started = Program.start(
                installation.script(Installation.AGENT),
                List.of("run", "--config", config.toString()),
                agentEnvironment,
                directory.resolve("edge-agent.log"));
        agent = started;
        ReadyLine ready = started.awaitReady(START);
        agentReady = ready;
        agentHttpPort = ready.port("http");
        if (ready.values().containsKey("tcp.frames")) { // else the collector desires other sources
            framesPort = ready.port("tcp.frames");
            linesPort = ready.port("tcp.lines");
        }
    }

    private String moreSources() {
        StringBuilder yaml = new StringBuilder();
        ReadyLine before = agentReady;
        namedSources.forEach((name, text) ->
                yaml.append(text.replace("${port}", String.valueOf(before == null ? 0 : before.port(name)))));
        return yaml.toString();
    }

    private String plaintext() {
        return uplink.isEmpty() || uplink.startsWith("127.") ? "" : "  allow-plaintext-off-loopback: true\n";
    }

    private String agentTls() {
        if (site == null) {
            return "";
        }
        Path identity = directory.resolve("identity");
        return """
                  tls:
                    certificate: %1$s
                    key: %1$s
                    ca: %2$s
                """.formatted(identity.resolve("agent.pem"), identity.resolve("ca.crt"));
    }

    /** kill -9. */
    void killCollector() {
        collector().kill();
    }

    /** kill -9. */
    void killAgent() {
        agent().kill();
    }

    /** As {@link Program#freeze}. */
    void freezeCollector() throws IOException {
        collector().freeze();
    }

    /** As {@link Program#thaw}. */
    void thawCollector() throws IOException {
        collector().thaw();
    }

    /** As {@link Program#freeze}. */
    void freezeAgent() throws IOException {
        agent().freeze();
    }

    /** SIGTERM; the exit code. */
    int stopCollector() {
        return collector().stop(STOP);
    }

    /** SIGTERM; the exit code. */
    int stopAgent() {
        return agent().stop(STOP);
    }

    /** Starts firmware-sim; its log is {@code firmware-sim-<name>.log}. */
    Program simulate(String name, List<String> arguments) {
        Program simulator = Program.start(
                installation.script(Installation.SIMULATOR),
                arguments,
                simulatorEnvironment,
                directory.resolve("firmware-sim-" + name + ".log"));
        simulators.add(simulator);
        return simulator;
    }

    /** Whether the simulator that was started last has ended; true without any. */
    boolean lastSimulatorEnded() {
        return simulators.isEmpty() || !simulators.get(simulators.size() - 1).isAlive();
    }

    /** {@code firmware-sim verify} of these ledgers against the collector. */
    Program verify(String name, List<Path> ledgers) {
        List<String> arguments = new ArrayList<>(
                List.of("verify", "--collector", (site == null ? "http" : "https") + "://127.0.0.1:" + httpPort));
        if (site != null) {
            arguments.addAll(List.of(
                    "--ca",
                    site.authority().toString(),
                    "--token-file",
                    directory.resolve("token").toString()));
        }
        for (Path ledger : ledgers) {
            arguments.add("--ledger");
            arguments.add(ledger.toString());
        }
        return simulate(name, arguments);
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    String grpcAddress() {
        return "127.0.0.1:" + grpcPort;
    }

    int grpcPort() {
        return grpcPort;
    }

    String framesUrl() {
        return "tcp://127.0.0.1:" + framesPort;
    }

    String linesUrl() {
        return "tcp://127.0.0.1:" + linesPort;
    }

    int framesPort() {
        return framesPort;
    }

    int linesPort() {
        return linesPort;
    }

    /** Where a source of the agent listens, since its last start. */
    int agentPort(String source) {
        if (agentReady == null) {
            throw new IllegalStateException("BUG: the agent was not started");
        }
        return agentReady.port(source);
    }

    int httpPort() {
        return httpPort;
    }

    CollectorApi collectorApi() {
        String address = "127.0.0.1:" + httpPort;
        // One client per program: each keeps its connections.
        return clients.computeIfAbsent(address, key -> site == null ? new CollectorApi(key) : collectorApi(token));
    }

    /** What curl needs before the URL; empty for a line without security. The token stays in its file. */
    String curlOptions() {
        return site == null
                ? ""
                : "--cacert " + site.authority() + " -H \"Authorization: Bearer $(cat " + directory.resolve("token")
                        + ")\" ";
    }

    /** Of a secured line, as somebody with another token; null for none. */
    CollectorApi collectorApi(@Nullable String otherToken) {
        return new CollectorApi("127.0.0.1:" + httpPort, site().authority(), otherToken);
    }

    CollectorApi agentApi() {
        return clients.computeIfAbsent("127.0.0.1:" + agentHttpPort, CollectorApi::new);
    }

    Program collector() {
        if (collector == null) {
            throw new IllegalStateException("BUG: the collector was not started");
        }
        return collector;
    }

    Program agent() {
        if (agent == null) {
            throw new IllegalStateException("BUG: the agent was not started");
        }
        return agent;
    }

    private Path write(String name, String text) {
        try {
            Files.createDirectories(directory);
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + directory.resolve(name), e);
        }
    }

    /** Devices first, so that nothing is cut off in the middle. Safe twice. */
    @Override
    public void close() {
        simulators.forEach(Program::close);
        if (agent != null) {
            agent.close();
        }
        if (collector != null) {
            collector.close();
        }
    }
}
