package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the field does to an agent and a collector, under load, each time checked to the last reading. How often is set by
 * {@code faults.*}: a few times in the normal build, hundreds of times with {@code mvn verify -Pfaults}. RELIABILITY.md has
 * the table.
 */
final class FaultsIT {
    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    private static int times(String what, int normally) {
        return Integer.getInteger("faults." + what, normally);
    }

    private FaultRun run(String name) {
        return FaultRun.of(name, new Line(installation, directory), directory, Long.getLong("faults.seed", 20261121));
    }

    @Test
    void agentKilled() throws Exception {
        try (FaultRun run = run("kill -9 of the agent")) {
            run.start();
            for (int i = times("agent-kills", 3); i > 0; i--) {
                run.work(100, 1_500);
                run.fault(run.line::killAgent, run.line::startAgent);
            }
            run.work(500, 1_000);
            run.finish();
        }
    }

    @Test
    void collectorKilled() throws Exception {
        try (FaultRun run = run("kill -9 of the collector")) {
            run.start();
            for (int i = times("collector-kills", 2); i > 0; i--) {
                run.work(100, 1_500);
                run.fault(run.line::killCollector, run.line::startCollector);
            }
            run.work(500, 1_000);
            run.finish();
        }
    }

    @Test
    void agentLosesPower() throws Exception {
        assumeTrue(CutFileSystem.isPossible(directory), "needs root and loop devices");
        try (CutFileSystem disk = CutFileSystem.make(directory.resolve("agent"), 192);
                FaultRun run = run("power loss of the agent")) {
            run.line.withAgentOutbox(disk.path().resolve("outbox"), "  max-bytes: 128MiB\n");
            run.start();
            for (int i = times("agent-power-losses", 2); i > 0; i--) {
                run.work(100, 1_500);
                run.fault(
                        () -> {
                            run.line.freezeAgent();
                            disk.cut();
                            run.line.killAgent();
                            disk.restore();
                        },
                        run.line::startAgent);
            }
            run.work(500, 1_000);
            run.finish();
            run.line.killAgent();
        }
    }

    @Test
    void collectorLosesPower() throws Exception {
        assumeTrue(CutFileSystem.isPossible(directory), "needs root and loop devices");
        try (CutFileSystem disk = CutFileSystem.make(directory.resolve("collector"), 768);
                FaultRun run = run("power loss of the collector")) {
            run.line.withCollectorData(disk.path().resolve("data"));
            run.start();
            for (int i = times("collector-power-losses", 2); i > 0; i--) {
                run.work(100, 1_500);
                run.fault(
                        () -> {
                            run.line.freezeCollector();
                            disk.cut();
                            run.line.killCollector();
                            disk.restore();
                        },
                        run.line::startCollector);
            }
            run.work(500, 1_000);
            run.finish();
            run.line.killCollector();
        }
    }

    /** A flipped bit in a table of the backlog while the agent is down. */
    @Test
    void damagedOutbox() throws Exception {
        Path outbox = directory.resolve("agent-outbox");
        try (FaultRun run = run("bit flipped in a table of the outbox")) {
            run.line.withAgentOutbox(outbox, "  max-bytes: 128MiB\n  write-buffer: 256KiB\n  dead-letters: 512KiB\n");
            run.start();
            for (int i = times("damages", 1); i > 0; i--) {
                run.line.killCollector();
                Await.until(Duration.ofSeconds(60), () -> tables(outbox).size() >= 2, () -> "no table was written");
                run.fault(
                        () -> {
                            run.line.killAgent();
                            // The index of the file: every batch in it is found by its own checksum.
                            Path table = tables(outbox).get(0);
                            byte[] bytes = Files.readAllBytes(table);
                            bytes[bytes.length - 60] ^= 1;
                            Files.write(table, bytes);
                        },
                        run.line::startAgent);
                run.line.startCollector();
            }
            run.work(500, 1_000);
            run.finish();
        }
    }

    /**
     * Half of a table of the backlog is gone for good. What {@code firmware-sim verify} misses of what devices had been told was
     * taken is in the account as damaged, by ranges of sequences, and beside it nothing but what was sent twice.
     */
    @Test
    void destroyedBatches_areNamedInTheAccount() throws Exception {
        Path outbox = directory.resolve("agent-outbox");
        try (FaultRun run = run("half of a table of the outbox overwritten")) {
            run.line.withAgentOutbox(outbox, "  max-bytes: 128MiB\n  write-buffer: 256KiB\n  dead-letters: 512KiB\n");
            run.start();
            Await.until(Duration.ofSeconds(60), () -> run.accepted() > 2_000, () -> "nothing is taken");
            run.line.killCollector();
            Await.until(Duration.ofSeconds(120), () -> tables(outbox).size() >= 3, () -> "no table was written");
            run.fault(
                    () -> {
                        run.line.killAgent();
                        Path table = tables(outbox).stream()
                                .max(java.util.Comparator.comparingLong(
                                        each -> each.toFile().length()))
                                .orElseThrow();
                        byte[] bytes = Files.readAllBytes(table);
                        java.util.Arrays.fill(bytes, bytes.length / 4, bytes.length * 3 / 4, (byte) 0x5a);
                        Files.write(table, bytes);
                    },
                    run.line::startAgent);
            run.line.startCollector();
            run.work(500, 1_000);
            long lost = run.finishWithLoss();
            assertThat(lost).isPositive();
            JsonNode gaps = run.line.collectorApi().json("/api/v1/agents/demo-agent/gaps");
            // What a device in doubt sent again, before or after, has another sequence, too: it is stored under that.
            long damaged = gaps.get("account").get("evicted").get("damaged").asLong();
            assertThat(damaged).as(gaps.toString()).isBetween(lost, lost + run.resent());
            long named = 0;
            for (JsonNode epoch : gaps.get("epochs")) {
                for (JsonNode range : epoch.get("evicted")) {
                    if (range.get("cause").asString().equals("damaged")) {
                        named += range.get("count").asLong();
                    }
                }
            }
            assertThat(named).isEqualTo(damaged);
        }
    }

    private static List<Path> tables(Path outbox) {
        try (Stream<Path> files = Files.list(outbox)) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** 2 Mbit/s with 50 ms each way, reset and swallowed now and then. */
    @Test
    void badLink() throws Exception {
        try (LinkProxy link = new LinkProxy(250_000, 50);
                FaultRun run = run("link of 2 Mbit/s, 50 ms, reset or a black hole")) {
            run.line.withUplinkPort(link.port()).withAgentForward("  progress-timeout: 3s\n  welcome-timeout: 5s\n");
            run.line.startCollector();
            link.leadTo(Integer.parseInt(run.line.grpcAddress().split(":")[1]));
            run.startBehindCollector();
            for (int i = times("link-faults", 4); i > 0; i--) {
                run.work(500, 2_000);
                if (run.random().nextBoolean()) {
                    run.counted(link::reset);
                } else {
                    run.counted(() -> {
                        link.blackHole(true);
                        run.work(2_000, 5_000);
                        link.blackHole(false);
                    });
                }
            }
            run.finish();
        }
    }

    /** The same link of packets, of which some are lost and some overtaken, and none passes now and then. */
    @Test
    void lossyLink() throws Exception {
        try (FaultRun run = run("link of 2 Mbit/s, 50 ms, 2 % lost, 5 % overtaken, a black hole")) {
            run.line.startCollector();
            try (PacketLink link = link(run.line.grpcPort())) {
                run.line
                        .withUplinkAddress(link.address())
                        .withAgentForward("  progress-timeout: 3s\n  welcome-timeout: 5s\n");
                run.startBehindCollector();
                for (int i = (times("link-faults", 4) + 1) / 2; i > 0; i--) {
                    run.work(1_000, 3_000);
                    run.counted(() -> {
                        link.down();
                        run.work(2_000, 5_000);
                        link.up();
                    });
                }
                run.finish();
                assertThat(link.lost()).isPositive();
                assertThat(link.reordered()).isPositive();
            }
        }
    }

    private PacketLink link(int port) {
        try {
            return new PacketLink(installation, port, 2_000, 50, 2, 5);
        } catch (IOException e) {
            return org.junit.jupiter.api.Assumptions.abort(
                    "needs root, python3, ip and /dev/net/tun: " + e.getMessage());
        }
    }
}
