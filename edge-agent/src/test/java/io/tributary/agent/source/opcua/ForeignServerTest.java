package io.tributary.agent.source.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against node-opcua, which knows nothing of Milo; skipped where it is not installed. */
final class ForeignServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path ROOT = Path.of(System.getProperty("tributary.root", ".."));

    @TempDir
    Path directory;

    private final OpcuaMetrics metrics = new OpcuaMetrics(new PrometheusRegistry());

    @Test
    void nodeOpcua_withoutSecurityAndWithIt_isReadWithoutGap() throws Exception {
        int port = MiloServer.freePort();
        Process server = server(port);
        try (FlakyIntake intake = new FlakyIntake(3, 0.3)) {
            try (OpcuaSource source = source("plain", port, "", intake)) {
                source.start();
                await().atMost(PATIENCE).until(() -> counts(intake).size() > 12);
            }
            assertGapless(counts(intake));
            assertThat(channels(intake)).contains("counter", "levels[0]", "levels[1]");
        }
        try (FlakyIntake intake = new FlakyIntake(4, 0)) {
            String security = "security-policy: aes256-sha256-rsapss\nuser: agent\npassword: secret\n";
            try (OpcuaSource source = source("secured", port, security, intake)) {
                source.start();
                Path rejected = directory.resolve("pki/rejected");
                await().atMost(PATIENCE).until(() -> !files(rejected).isEmpty());
                Path certificate = files(rejected).get(0);
                Files.move(certificate, directory.resolve("pki/trusted").resolve(certificate.getFileName()));
                await().atMost(PATIENCE).until(() -> counts(intake).size() > 8);
            }
            // Taken over by the next start, with what the server could not send meanwhile.
            try (OpcuaSource source = source("secured", port, security, intake)) {
                int before = counts(intake).size();
                source.start();
                await().atMost(PATIENCE).until(() -> counts(intake).size() > before + 8);
            }
            assertGapless(counts(intake));
            assertThat(metrics.transfers.labelValues("secured").get()).isEqualTo(1);
            assertThat(metrics.gaps.labelValues("secured").get()).isZero();
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static void assertGapless(TreeSet<Long> counts) {
        assertThat(counts)
                .containsExactlyElementsOf(LongStream.rangeClosed(counts.first(), counts.last())
                        .boxed()
                        .toList());
    }

    private OpcuaSource source(String name, int port, String more, FlakyIntake intake) throws Exception {
        OpcuaConfig config = ConfigReader.parse(
                "name: " + name + "\nendpoint: opc.tcp://127.0.0.1:" + port + "\npublishing-interval: 100ms\n"
                        + "sampling-interval: 50ms\nqueue: 1000\nreconnect-max: 500ms\n" + more
                        + "nodes: [{pattern: \"{device}/{channel}\"}]\n",
                "test",
                OpcuaConfig.class);
        return new OpcuaSource(
                config,
                "test-agent",
                directory.resolve("pki"),
                directory.resolve(name + ".subscription"),
                intake,
                new SystemClock(),
                new SplittableRandom(1),
                metrics);
    }

    private Process server(int port) throws Exception {
        Path modules = ROOT.resolve(".ci/node_modules");
        assumeTrue(
                Files.isDirectory(modules.resolve("node-opcua-server")),
                "npm package node-opcua-server is not installed: npm install --prefix .ci; skipped");
        Files.createSymbolicLink(directory.resolve("node_modules"), modules.toAbsolutePath());
        Path script = directory.resolve("opcua-server.cjs");
        try (var in = ForeignServerTest.class.getResourceAsStream("/foreign/opcua-server.cjs")) {
            Files.write(script, java.util.Objects.requireNonNull(in).readAllBytes());
        }
        Process process;
        try {
            process = new ProcessBuilder(
                            "node",
                            "--preserve-symlinks",
                            "--preserve-symlinks-main",
                            script.toString(),
                            String.valueOf(port),
                            directory.resolve("server-pki").toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "node is not installed: apt-get install nodejs; skipped");
            throw e;
        }
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> lines = new ArrayList<>();
        String line = out.readLine();
        while (line != null && !line.equals("READY")) {
            lines.add(line);
            line = out.readLine();
        }
        assertThat(line).as(String.join("\n", lines)).isEqualTo("READY");
        Thread rest = new Thread(
                () -> {
                    try {
                        out.transferTo(java.io.Writer.nullWriter());
                    } catch (IOException e) {
                        // The server has ended.
                    }
                },
                "server-output");
        rest.setDaemon(true);
        rest.start();
        return process;
    }

    private static TreeSet<Long> counts(FlakyIntake intake) {
        TreeSet<Long> counts = new TreeSet<>();
        for (Batch batch : intake.taken()) {
            for (Table table : batch.tables()) {
                for (int i = 0; i < table.channels().length; i++) {
                    if (batch.channels().get(table.channels()[i]).name().equals("counter")) {
                        for (int n = 0; n < table.columns()[i].size(); n++) {
                            counts.add(table.columns()[i].longs()[n]);
                        }
                    }
                }
            }
        }
        return counts;
    }

    private static List<String> channels(FlakyIntake intake) {
        return intake.taken().stream()
                .flatMap(batch -> batch.channels().stream())
                .map(channel -> channel.name())
                .distinct()
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
