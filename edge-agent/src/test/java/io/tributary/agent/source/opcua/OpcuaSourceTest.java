package io.tributary.agent.source.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against Milo's own server in this process; ForeignServerTest has another one. */
final class OpcuaSourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PATTERN = "[{pattern: \"{device}/{channel}\"}]";

    /** Nobody hands a subscription over to just anybody. */
    private static final String USER = "user: agent\npassword: secret\n";

    @TempDir
    Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final OpcuaMetrics metrics = new OpcuaMetrics(registry);
    private final FlakyIntake intake = new FlakyIntake(7, 0);
    private final List<AutoCloseable> open = new ArrayList<>();
    private int written;

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    // ---- values ----

    @Test
    void valuesOfEveryType_haveTheirTimeTypeAndQuality() throws Exception {
        MiloServer server = server("d", "f", "i", "u", "b", "s", "t", "a", "m", "big", "bad");
        start(server.endpoint(), PATTERN, "");
        await(PATIENCE, () -> server.watched() == 11);
        server.write("d", 1.5, 2000);
        server.write("f", 0.1f, 2001);
        server.write("i", -5, 2002);
        server.write("u", ULong.valueOf(7), 2003);
        server.write("b", true, 2004);
        server.write("s", "on", 2005);
        server.write("t", MiloServer.time(42), 2006);
        server.write("a", new Double[] {1.0, 2.0}, 2007);
        server.write(
                "m", org.eclipse.milo.opcua.stack.core.types.builtin.Matrix.ofInt32(new int[][] {{1, 2}, {3, 4}}), 1);
        server.write("big", ULong.valueOf("18446744073709551615"), 1);
        server.write("bad", 3.0, 2008);
        server.write(
                "bad",
                new DataValue(
                        Variant.NULL_VALUE,
                        new StatusCode(StatusCodes.Bad_SensorFailure),
                        MiloServer.time(2009),
                        MiloServer.time(5009)));
        await(PATIENCE, () -> readings().stream().anyMatch(each -> each.contains("bad.server-time")));
        assertThat(readings())
                .containsExactlyInAnyOrder(
                        "Line1 d 2000 1.5 0",
                        "Line1 f 2001 0.1 0",
                        "Line1 i 2002 -5 0",
                        "Line1 u 2003 7 0",
                        "Line1 b 2004 true 0",
                        "Line1 s 2005 on 0",
                        "Line1 t 2006 42000000 0",
                        "Line1 a[0] 2007 1.0 0",
                        "Line1 a[1] 2007 2.0 0",
                        "Line1 bad 2008 3.0 0",
                        "Line1 bad 2009 NaN " + Quality.BAD_SENSOR,
                        "Line1 bad.server-time 2009 5009000000 0");
        assertThat(metrics.refusedValues.labelValues("opcua", "matrix").get()).isEqualTo(1);
        assertThat(metrics.refusedValues
                        .labelValues("opcua", "integer-too-large")
                        .get())
                .isEqualTo(1);
    }

    @Test
    void nodesPathsAndPatterns_findVariables_andTheFirstEntryWins() throws Exception {
        MiloServer server = server("x", "y", "z");
        start(server.endpoint(), """
                [{node: "nsu=urn:tributary:test;s=Line1.x", device: by-id, channel: first},
                 {path: "/2:Line1/2:y", device: by-path, unit: bar},
                 {pattern: "+/{channel}", device: by-pattern, tags: {site: north}},
                 {node: "ns=2;s=missing", device: nobody}]""", "");
        await(PATIENCE, () -> server.watched() == 3);
        server.write("x", 1, 2000);
        server.write("y", 2, 2000);
        server.write("z", 3, 2000);
        await(PATIENCE, () -> intake.readings() == 3);
        assertThat(readings())
                .containsExactlyInAnyOrder("by-id first 2000 1 0", "by-path y 2000 2 0", "by-pattern z 2000 3 0");
        assertThat(intake.taken().stream().flatMap(batch -> batch.channels().stream()))
                .anyMatch(
                        channel -> channel.name().equals("y") && channel.unit().equals("bar"));
        assertThat(intake.taken().stream().flatMap(batch -> batch.devices().stream()))
                .anyMatch(device -> "north".equals(device.tags().get("site")));
        assertThat(metrics.nodes.labelValues("opcua").get()).isEqualTo(3);
        assertThat(metrics.nodesRefused.labelValues("opcua").get()).isEqualTo(1);
    }

    // ---- commands ----

    @Test
    void writableNodes_areWritten_asTheTypeTheyHave() throws Exception {
        MiloServer server = server("x", "y");
        OpcuaSource source = start(server.endpoint(), PATTERN, "writable: [\"ns=2;s=Line1.x\", \"ns=2;s=*none*\"]");
        await(PATIENCE, () -> server.watched() == 2);
        server.writable("x");
        server.write("x", 1.5, 2000);
        DeviceCommand.Write command = new DeviceCommand.Write("ns=2;s=Line1.x", "2.5");

        assertThat(source.takes(command)).isTrue();
        assertThat(source.takes(new DeviceCommand.Write("ns=2;s=Line1.y", "1"))).isFalse();
        assertThat(source.takes(new DeviceCommand.Publish("d", "t", new byte[0])))
                .isFalse();
        assertThat(source.reaches(command).toCompletableFuture().join()).isTrue();
        assertThat(carryOut(source, "ns=2;s=Line1.x", "2.5"))
                .isEqualTo(new DeviceOutcome(DeviceOutcome.Kind.DONE, "the server has taken 2.5"));
        assertThat(server.value("x")).isEqualTo(2.5);
        assertThat(carryOut(source, "ns=2;s=Line1.x", "open").detail())
                .isEqualTo("value \"open\" is no Double, which the node has");
        assertThat(carryOut(source, "ns=2;s=none", "1").kind()).isEqualTo(DeviceOutcome.Kind.FAILED);
        assertThat(server.value("x")).isEqualTo(2.5);
        server.close();
        await(PATIENCE, () -> !source.reaches(command).toCompletableFuture().join());
        assertThat(carryOut(source, "ns=2;s=Line1.x", "3").kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
    }

    private static DeviceOutcome carryOut(OpcuaSource source, String node, String value) {
        return source.carryOut(new DeviceCommand.Write(node, value))
                .toCompletableFuture()
                .join();
    }

    // ---- the contract ----

    @Test
    void intakeThatRefusesAtRandom_getsEveryValueOnce_inOrder() throws Exception {
        intake.refusals(0.5);
        MiloServer server = server("x", "y");
        start(server.endpoint(), PATTERN, "publishing-interval: 20ms\n    queue: 10000\n    in-flight: 3");
        await(PATIENCE, () -> server.watched() == 2);
        for (int i = 0; i < 2000; i++) {
            server.write(i % 2 == 0 ? "x" : "y", i, 2000 + i);
        }
        await(PATIENCE, () -> intake.readings() == 2000);
        assertThat(values("x"))
                .containsExactlyElementsOf(
                        LongStream.range(0, 1000).map(i -> 2 * i).boxed().toList());
        assertThat(metrics.overflows.labelValues("opcua").get()).isZero();
    }

    @Test
    void intakeWithoutRoom_holdsTheServerBack_andWhatItDropsIsCounted() throws Exception {
        intake.refusals(1);
        MiloServer server = server("x");
        start(server.endpoint(), PATTERN, "publishing-interval: 20ms\n    queue: 5\n    in-flight: 2");
        await(PATIENCE, () -> server.watched() == 1);
        await(PATIENCE, () -> {
            server.write("x", -1 - written, 2000 + written++);
            return metrics.inFlight.labelValues("opcua").get() == 2;
        });
        for (int i = 0; i < 100; i++) {
            server.write("x", i, 9000 + i);
        }
        assertThat(metrics.inFlight.labelValues("opcua").get()).isEqualTo(2);
        intake.refusals(0);
        await(PATIENCE, () -> metrics.overflows.labelValues("opcua").get() > 0);
        await(PATIENCE, () -> values("x").contains(99L));
    }

    @Test
    void valueThatIsNeverTaken_goesToTheDeadLetters_theOthersOn() throws Exception {
        intake.refuseForGood(batch ->
                batch.channels().stream().anyMatch(channel -> channel.name().equals("y")));
        MiloServer server = server("x", "y");
        start(server.endpoint(), PATTERN, "");
        await(PATIENCE, () -> server.watched() == 2);
        server.write("x", 1, 2000);
        server.write("y", 2, 2000);
        await(PATIENCE, () -> intake.letters().size() == 1 && intake.readings() == 1);
        assertThat(intake.letters().get(0)).startsWith("too-large");
    }

    // ---- failures ----

    @Test
    void lostConnection_goesOnWithoutGap() throws Exception {
        MiloServer server = server("x");
        try (Relay relay = new Relay(server.port)) {
            start("opc.tcp://127.0.0.1:" + relay.port(), PATTERN, USER + "publishing-interval: 20ms\n    queue: 10000");
            await(PATIENCE, () -> server.watched() == 1);
            for (int i = 0; i < 300; i++) {
                server.write("x", i, 2000 + i);
                if (i % 100 == 50) {
                    long seen = intake.readings();
                    await(PATIENCE, () -> intake.readings() > seen || seen >= 51);
                    relay.cut();
                }
            }
            await(PATIENCE, () -> new TreeSet<>(values("x")).size() == 300);
        }
        assertThat(metrics.gaps.labelValues("opcua").get()).isZero();
        assertThat(metrics.lostNotifications.labelValues("opcua").get()).isZero();
    }

    @Test
    void restartedAgent_takesOverItsSubscription_withWhatHappenedMeanwhile() throws Exception {
        MiloServer server = server("x");
        Source first = start(server.endpoint(), PATTERN, USER + "publishing-interval: 20ms\n    queue: 1000");
        await(PATIENCE, () -> server.watched() == 1);
        server.write("x", 0, 2000);
        await(PATIENCE, () -> intake.readings() == 1);
        intake.refusals(1);
        server.write("x", 1, 2001);
        await(PATIENCE, () -> metrics.inFlight.labelValues("opcua").get() == 1);
        first.close();
        for (int i = 2; i < 50; i++) {
            server.write("x", i, 2000 + i);
        }
        intake.refusals(0);
        start(server.endpoint(), PATTERN, USER + "publishing-interval: 20ms\n    queue: 1000");
        await(PATIENCE, () -> new TreeSet<>(values("x")).size() == 50);
        assertThat(metrics.transfers.labelValues("opcua").get()).isEqualTo(1);
        assertThat(metrics.gaps.labelValues("opcua").get()).isZero();
    }

    @Test
    void restartedServer_isAGapThatIsCounted() throws Exception {
        MiloServer server = server("x");
        start(server.endpoint(), PATTERN, "publishing-interval: 20ms");
        await(PATIENCE, () -> server.watched() == 1);
        server.write("x", 1, 2000);
        await(PATIENCE, () -> intake.readings() == 1);
        open.remove(server);
        server.close();
        MiloServer again = new MiloServer(server.port, List.of(), "x");
        open.add(0, again);
        await(PATIENCE, () -> again.watched() == 1);
        again.write("x", 2, 3000);
        await(PATIENCE, () -> values("x").contains(2L));
        assertThat(metrics.gaps.labelValues("opcua").get()).isEqualTo(1);
        assertThat(metrics.gapSeconds.labelValues("opcua").get()).isPositive();
    }

    @Test
    void serverThatIsNotThereYet_isWaitedFor() throws Exception {
        int port = MiloServer.freePort();
        start("opc.tcp://127.0.0.1:" + port, PATTERN, "reconnect-max: 500ms");
        await(PATIENCE, () -> metrics.connectFailures.labelValues("opcua").get() > 0);
        MiloServer server = new MiloServer(port, List.of(), "x");
        open.add(0, server);
        await(PATIENCE, () -> server.watched() == 1);
    }

    // ---- security ----

    @Test
    void securedServer_isTrustedByItsFile_andKeyIsOurs() throws Exception {
        MiloServer server = new MiloServer(
                MiloServer.freePort(),
                List.of(SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes256_Sha256_RsaPss),
                "x");
        open.add(server);
        Path pki = directory.resolve("opcua");
        server.trust.addTrustedCertificate(new TrustFolder(pki)
                .identity("urn:tributary:edge-agent:test-agent")
                .certificate());
        start(
                server.endpoint(),
                PATTERN,
                "security-policy: aes256-sha256-rsapss\n    user: agent\n    password: secret\n    reconnect-max: 500ms");
        await(PATIENCE, () -> files(pki.resolve("rejected")).size() == 1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pki.resolve("own/key.pem"))))
                .isEqualTo("rw-------");
        assertThat(server.watched()).isZero();
        Path rejected = files(pki.resolve("rejected")).get(0);
        Files.move(rejected, pki.resolve("trusted").resolve(rejected.getFileName()));
        await(PATIENCE, () -> server.watched() == 1);
        server.write("x", 1, 2000);
        await(PATIENCE, () -> intake.readings() == 1);
    }

    // ---- helpers ----

    private MiloServer server(String... variables) throws Exception {
        MiloServer server = new MiloServer(variables);
        open.add(server);
        return server;
    }

    private OpcuaSource start(String endpoint, String nodes, String more) throws Exception {
        String yaml = "endpoint: " + endpoint + "\nnodes: " + nodes + "\n" + more.replaceAll("(?m)^ +", "") + "\n";
        OpcuaConfig config = ConfigReader.parse(yaml, "test", OpcuaConfig.class);
        OpcuaSource source = new OpcuaSource(
                config,
                "test-agent",
                directory.resolve("opcua"),
                directory.resolve("opcua.subscription"),
                intake,
                new SystemClock(),
                new SplittableRandom(1),
                metrics);
        open.add(source);
        source.start();
        return source;
    }

    private static void await(Duration patience, java.util.concurrent.Callable<Boolean> condition) {
        org.awaitility.Awaitility.await()
                .atMost(patience)
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    private static List<Path> files(Path folder) throws Exception {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private List<Long> values(String channel) {
        List<Long> values = new ArrayList<>();
        for (String reading : readings()) {
            String[] parts = reading.split(" ");
            if (parts[1].equals(channel)) {
                values.add(Long.parseLong(parts[3]));
            }
        }
        return values;
    }

    /** {@code device channel milliseconds value quality}, in sequence order. */
    private List<String> readings() {
        List<String> readings = new ArrayList<>();
        for (Batch batch : intake.taken()) {
            for (Table table : batch.tables()) {
                add(batch, table, readings);
            }
        }
        return readings;
    }

    private static void add(Batch batch, Table table, List<String> readings) {
        int[] next = new int[table.columns().length];
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            String device = batch.devices().get(table.runDevice()[run]).id();
            for (int end = row + table.runLength()[run]; row < end; row++) {
                for (int i = 0; i < next.length; i++) {
                    Column column = table.columns()[i];
                    if (column.isPresent(row)) {
                        String channel =
                                batch.channels().get(table.channels()[i]).name();
                        readings.add(device + " " + channel + " " + table.eventTimes()[row] / 1_000_000 + " "
                                + value(column, next[i]) + " " + column.qualityAt(next[i]));
                        next[i]++;
                    }
                }
            }
        }
    }

    private static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG -> column.longs()[index];
            case BOOL -> column.longs()[index] != 0;
            case STRING -> column.strings()[index];
        };
    }

    /** Passes bytes on to the server; {@link #cut} breaks all connections. */
    private static final class Relay implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new ArrayList<>();
        private final int target;

        Relay(int target) throws Exception {
            this.target = target;
            Thread thread = new Thread(this::accept, "relay");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            try {
                while (true) {
                    Socket in = listener.accept();
                    Socket out = new Socket(InetAddress.getLoopbackAddress(), target);
                    synchronized (sockets) {
                        sockets.add(in);
                        sockets.add(out);
                    }
                    pump(in, out);
                    pump(out, in);
                }
            } catch (java.io.IOException e) {
                // closed
            }
        }

        private static void pump(Socket from, Socket to) {
            Thread thread = new Thread(
                    () -> {
                        try (from;
                                to) {
                            from.getInputStream().transferTo(to.getOutputStream());
                        } catch (java.io.IOException e) {
                            // cut
                        }
                    },
                    "pump");
            thread.setDaemon(true);
            thread.start();
        }

        void cut() throws Exception {
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
                sockets.clear();
            }
        }

        @Override
        public void close() throws Exception {
            listener.close();
            cut();
        }
    }
}
