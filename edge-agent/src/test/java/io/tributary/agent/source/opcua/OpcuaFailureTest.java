package io.tributary.agent.source.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.source.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.junit.jupiter.api.Test;

/** What breaks and comes back, and who is trusted. */
final class OpcuaFailureTest extends OpcuaLine {
    /** Nobody hands a subscription over to just anybody. */
    private static final String USER = "user: agent\npassword: secret\n";

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

    private static List<Path> files(Path folder) throws Exception {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
