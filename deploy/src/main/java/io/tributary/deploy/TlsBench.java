package io.tributary.deploy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code deploy/bench tls}: what mutual TLS costs a collector, per byte, per reading and per handshake. */
@Command(
        name = "tls",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "The same batches over plaintext and over mutual TLS 1.3, to a collector that is started anew for each; then"
                    + " handshakes, full and resumed, one after the other. CPU time is the collector's, its compilers left out."
        })
final class TlsBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int HANDSHAKE_MILLIS_MAX = 30_000;
    private static final double MEBI = 1 << 20;

    @Option(names = "--devices", defaultValue = "500", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--steps",
            defaultValue = "1000",
            paramLabel = "K",
            description = "Measured rows of each, and as many before them. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--handshakes",
            defaultValue = "300",
            paramLabel = "N",
            description = "Measured, and as many before them. Default: ${DEFAULT-VALUE}.")
    private int handshakes;

    @Override
    void measure(Figures figures, BenchDirectory directory) throws IOException {
        try (Line line = small(directory.resolve("plain"))) {
            line.startCollector();
            report(figures, "plain", load(line));
        }
        try (Line line = small(directory.resolve("tls")).secured()) {
            line.startCollector();
            SecuredSite site = line.site();
            Path identity = site.enrol(line.grpcAddress(), site.invite("load", "*"), "load");
            Path pem = identity.resolve("agent.pem");
            report(figures, "tls", load(line, "--ca", site.authority().toString(), "--identity", pem.toString()));
            handshakes(figures, line, pem, false);
            handshakes(figures, line, pem, true);
        }
    }

    private Line small(Path files) {
        return line(files)
                .withCollectorGrpc("  connects-per-second: 100000\n  address-connects-per-second: 100000\n")
                .withCollectorEnvironment(StorageBench.environment("256m"));
    }

    private JsonNode load(Line line, String... more) {
        return new FleetLoad(line, devices, steps)
                .with("--agents", "1")
                .with("--warm-up-steps", String.valueOf(steps))
                .with(more)
                .measure("load", PATIENCE);
    }

    private static void report(Figures figures, String name, JsonNode found) {
        double cpu = found.path("collector_cpu_seconds").asDouble()
                - found.path("collector_compiler_seconds").asDouble();
        double values = found.path("values").asDouble();
        double bytes = found.path("sent_bytes").asDouble();
        figures.add(name + ".values", values, "values");
        figures.add(name + ".sent", bytes / MEBI, "MiB");
        figures.add(name + ".cpu_per_mebibyte", 1e3 * cpu / (bytes / MEBI), "ms");
        figures.add(name + ".cpu_per_value", 1e9 * cpu / values, "ns");
        figures.add(name + ".ack_p50", found.path("ack_p50_ms").asDouble(), "ms");
    }

    /**
     * One after the other, at both ends on the same machine.
     *
     * @param resumed over the session of before; otherwise each with a session of its own, as after a restart
     */
    private void handshakes(Figures figures, Line line, Path identity, boolean resumed) throws IOException {
        int port =
                Integer.parseInt(line.grpcAddress().substring(line.grpcAddress().indexOf(':') + 1));
        SSLContext[] contexts = new SSLContext[resumed ? 1 : 2 * handshakes];
        for (int i = 0; i < contexts.length; i++) {
            contexts[i] = ClientTls.context(line.site().authority(), identity);
        }
        for (int i = 0; i < handshakes; i++) {
            handshake(contexts[i % contexts.length], port); // compiles
        }
        double[] millis = new double[handshakes];
        double cpu = cpuSeconds(line);
        long began = System.nanoTime();
        for (int i = 0; i < handshakes; i++) {
            long begin = System.nanoTime();
            handshake(contexts[(handshakes + i) % contexts.length], port);
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        cpu = cpuSeconds(line) - cpu;
        Arrays.sort(millis);
        String name = resumed ? "resumed" : "handshake";
        figures.add(name + ".p50", millis[handshakes / 2], "ms");
        figures.add(name + ".p99", millis[handshakes * 99 / 100], "ms");
        figures.add(name + ".per_second", handshakes / seconds, "1/s");
        figures.add(name + ".collector_cpu", 1e3 * cpu / handshakes, "ms");
    }

    private static double cpuSeconds(Line line) throws IOException {
        ProcessProbe probe = line.collector().probe();
        return probe.cpuSeconds() - probe.compilerSeconds();
    }

    private static void handshake(SSLContext context, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            socket.setTcpNoDelay(true); // its last flight is of several segments
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(HANDSHAKE_MILLIS_MAX);
            socket.startHandshake();
            // The server's first frame: it has accepted our certificate.
            if (socket.getInputStream().read() < 0) {
                throw new IllegalStateException("the collector refused the handshake");
            }
        }
    }
}
