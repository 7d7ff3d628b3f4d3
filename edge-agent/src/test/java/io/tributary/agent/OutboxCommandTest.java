package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.outbox.Outboxes;
import io.tributary.agent.outbox.RocksOutbox;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class OutboxCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new OutboxCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private Path outbox() {
        return directory.resolve("outbox");
    }

    private RocksOutbox fill() throws Exception {
        RocksOutbox outbox = RocksOutbox.open(Outboxes.options(outbox()), new SystemClock());
        for (int i = 0; i < 5; i++) {
            outbox.append(java.util.List.of(Outboxes.batch(3, 1_000 * (i + 1))), java.util.List.of(), true);
        }
        return outbox;
    }

    private Map<String, FileTime> files() throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.list(outbox())) {
            for (Path file : files.toList()) {
                times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    @Test
    void lookingAtARunningOutbox_changesNothing() throws Exception {
        try (RocksOutbox running = fill()) {
            Map<String, FileTime> before = files();
            assertThat(run("stats", "--path", outbox().toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString())
                    .contains("15 readings in 5 batches")
                    .contains("epoch            " + running.epoch());
            assertThat(run("stats", "--json", "--path", outbox().toString())).isZero();
            assertThat(out.toString()).contains("\"queued_readings\":15").contains("\"next_sequence\":15");
            assertThat(run("list", "--from", "6", "--limit", "2", "--json", "--path", outbox().toString()))
                    .isZero();
            assertThat(out.toString().lines()).hasSize(2).first().asString().contains("\"first_sequence\":6");
            assertThat(run("export", "--path", outbox().toString())).isZero();
            assertThat(out.toString().lines()).hasSize(15);
            assertThat(out.toString())
                    .contains("{\"sequence\":0,\"device\":\"d\",\"channel\":\"c\",")
                    .contains("\"value\":31000,\"quality\":0}");
            assertThat(run("verify", "--path", outbox().toString())).isZero();
            assertThat(out.toString()).contains("5 batches, 15 readings").contains("well");
            assertThat(files()).isEqualTo(before);
        }
    }

    @Test
    void damage_isToldByVerify_andMendedBySalvage() throws Exception {
        fill().close();
        Path config = Files.writeString(directory.resolve("agent.yaml"), """
                agent: a
                outbox:
                  path: %s
                sources:
                  - type: tcp-frames
                """.formatted(outbox()));
        Files.delete(outbox().resolve("CURRENT"));
        assertThat(run("verify", "--json", "--path", outbox().toString())).isEqualTo(3);
        assertThat(out.toString()).contains("CURRENT is missing");
        assertThat(run("stats", "--path", outbox().toString())).isEqualTo(1);

        assertThat(run("salvage", "--config", config.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("15 readings in 5 batches");
        assertThat(run("verify", "--config", config.toString())).isZero();
    }

    @Test
    void salvage_leavesARunningOutboxAlone() throws Exception {
        Path config = Files.writeString(directory.resolve("agent.yaml"), """
                agent: a
                outbox:
                  path: %s
                sources:
                  - type: tcp-frames
                """.formatted(outbox()));
        try (RocksOutbox running = fill()) {
            assertThat(run("verify", "--config", config.toString())).isZero();
            assertThat(running.stats().queuedReadings()).isEqualTo(15);
        }
    }

    @Test
    void wrongUse_isToldApartFromFailure() {
        assertThat(run("stats")).isEqualTo(2);
        assertThat(run("stats", "--path", directory.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("holds no outbox");
        assertThat(run("stats", "--config", directory.resolve("none.yaml").toString()))
                .isEqualTo(2);
    }
}
