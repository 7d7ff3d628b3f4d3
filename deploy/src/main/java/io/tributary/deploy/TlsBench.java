package io.tributary.deploy;

import java.io.IOException;
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
            "The same batches over plaintext and over mutual TLS 1.3, to a collector that is started anew for each; then full"
                    + " handshakes, one after the other. CPU time is the collector's, its compilers left out."
        })
final class TlsBench extends Measurement {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
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
            defaultValue = "500",
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
            handshakes(figures, line, pem);
        }
    }

    private Line small(Path files) {
        return line(files).withCollectorEnvironment(StorageBench.environment("256m"));
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

    /** Each with a session of its own, as after a restart: nothing is resumed. */
    private void handshakes(Figures figures, Line line, Path identity) throws IOException {
        int port =
                Integer.parseInt(line.grpcAddress().substring(line.grpcAddress().indexOf(':') + 1));
        double[] millis = new double[handshakes];
        double before = 0;
        for (int i = -handshakes; i < handshakes; i++) {
            if (i == 0) {
                before = line.collector().probe().cpuSeconds();
            }
            SSLContext fresh = ClientTls.context(line.site().authority(), identity);
            long begin = System.nanoTime();
            handshake(fresh, port);
            if (i >= 0) {
                millis[i] = (System.nanoTime() - begin) / 1e6;
            }
        }
        double cpu = line.collector().probe().cpuSeconds() - before;
        Arrays.sort(millis);
        figures.add("handshake.p50", millis[handshakes / 2], "ms");
        figures.add("handshake.p99", millis[handshakes * 99 / 100], "ms");
        figures.add("handshake.collector_cpu", 1e3 * cpu / handshakes, "ms");
    }

    private static void handshake(SSLContext context, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            // The server's first frame: it has accepted our certificate.
            if (socket.getInputStream().read() < 0) {
                throw new IllegalStateException("the collector refused the handshake");
            }
        }
    }
}
