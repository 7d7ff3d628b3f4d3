package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system is filled by somebody else under load, and freed again; as {@link FaultsIT} otherwise. Devices of every way of
 * answering are pushed back, and lose nothing.
 */
final class FullDiskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String SOURCES = """
              - type: http
                name: web
                listen: 127.0.0.1:0
              - type: mqtt-listener
                name: sensors
                listen: 127.0.0.1:0
                topics:
                  - {topic: "full/{device}", decode: {type: line}}
            """;

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));
    private final HttpClient http = HttpClient.newHttpClient();
    private int sent;

    @TempDir
    Path directory;

    @BeforeEach
    void needsRoot() {
        assumeTrue(CutFileSystem.isPossible(directory), "needs root and loop devices");
    }

    private FaultRun run(String name) {
        return FaultRun.of(name, new Line(installation, directory), directory, Long.getLong("faults.seed", 20261121));
    }

    private static int times() {
        return Integer.getInteger("faults.disk-full", 2);
    }

    /** On a disk of 8 MiB, with the smallest outbox there is. */
    @Test
    void agentsDisk() throws Exception {
        try (CutFileSystem disk = CutFileSystem.make(directory.resolve("agent"), 8);
                FaultRun run = run("disk of the agent, of 8 MiB, filled by others and freed")) {
            run.line
                    .withAgentOutbox(
                            disk.path().resolve("outbox"),
                            "  max-bytes: 6MiB\n  write-buffer: 256KiB\n  dead-letters: 512KiB\n")
                    .withAgentSources(SOURCES);
            run.start();
            try (PublishingDevice mqtt = new PublishingDevice(run.line.agentPort("sensors"), "full")) {
                for (int i = times(); i > 0; i--) {
                    run.work(300, 1_000);
                    assertThat(post(run.line).statusCode()).isEqualTo(204);
                    publish(mqtt);
                    mqtt.awaitAcknowledgement(sent);
                    Path filler = disk.path().resolve("filler");
                    run.counted(() -> isPushedBack(run, filler, mqtt));
                    Files.delete(filler);
                    mqtt.awaitAcknowledgement(sent);
                    Await.until(PATIENCE, () -> post(run.line).statusCode() == 204, () -> "HTTP takes nothing");
                    long before = run.accepted();
                    Await.until(
                            PATIENCE,
                            () -> run.accepted() > before + 1_000,
                            () -> "nothing is taken after the disk was freed");
                }
            }
            run.finish();
            // What these two were told is taken is there, beside the fleet's.
            String stored = run.line
                    .collectorApi()
                    .text("/api/v1/readings?device=full-*&from=1970-01-01&to=2100-01-01&limit=10000");
            for (int i = 1; i <= sent; i++) {
                assertThat(stored).contains("\"full-" + i + "\"");
            }
            run.line.killAgent();
        }
    }

    /** Fleet, HTTP and MQTT, each in its way. */
    private void isPushedBack(FaultRun run, Path filler, PublishingDevice mqtt) throws IOException {
        DoubleSupplier refused = () -> run.line.agentApi().metrics().sum("tributary_agent_refused_readings_total");
        DoubleSupplier paused = () -> run.line.agentApi().metrics().sum("tributary_agent_mqtt_listener_paused_total");
        double refusedBefore = refused.getAsDouble();
        double pausedBefore = paused.getAsDouble();
        fill(filler);
        Await.until(PATIENCE, () -> refused.getAsDouble() > refusedBefore, () -> "frames are not refused");
        HttpResponse<String>[] answer = newArray();
        Await.until(
                PATIENCE,
                () -> {
                    answer[0] = post(run.line);
                    return answer[0].statusCode() != 204;
                },
                () -> "HTTP goes on");
        assertThat(answer[0].statusCode()).as(answer[0].body()).isEqualTo(503);
        assertThat(answer[0].headers().firstValueAsLong("Retry-After")).isPresent();
        publish(mqtt);
        Await.until(PATIENCE, () -> paused.getAsDouble() > pausedBefore, () -> "MQTT is not paused");
        assertThat(mqtt.hasAnswer()).isFalse();
        run.work(1_000, 2_000);
    }

    @SuppressWarnings("unchecked")
    private static HttpResponse<String>[] newArray() {
        return new HttpResponse[1];
    }

    private HttpResponse<String> post(Line line) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + line.agentPort("web") + "/write"))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString("full,device=full-" + ++sent + " value=1i 1"))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 204) {
                sent--; // it was not taken: the next one has its number
            }
            return response;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void publish(PublishingDevice mqtt) throws IOException {
        sent++;
        mqtt.publish("full/full-" + sent, sent, "full,device=full-" + sent + " value=1i 1");
    }

    @Test
    void collectorsDisk() throws Exception {
        try (CutFileSystem disk = CutFileSystem.make(directory.resolve("collector"), 192);
                FaultRun run = run("disk of the collector filled by others and freed")) {
            run.line.withCollectorData(disk.path().resolve("data"));
            run.start();
            for (int i = times(); i > 0; i--) {
                run.work(300, 1_000);
                DoubleSupplier failed = () ->
                        run.line.collectorApi().metrics().sum("tributary_collector_storage_failed_commit_groups_total");
                double before = failed.getAsDouble();
                Path filler = disk.path().resolve("filler");
                run.counted(() -> {
                    fill(filler);
                    Await.until(PATIENCE, () -> failed.getAsDouble() > before, () -> "no commit failed");
                    run.work(1_000, 2_000);
                    Files.delete(filler);
                });
                long stored = run.account().get("received").asLong();
                Await.until(
                        PATIENCE,
                        () -> run.account().get("received").asLong() > stored + 1_000,
                        () -> "nothing is stored after the disk was freed: " + run.account());
            }
            run.finish();
            run.line.killCollector();
        }
    }

    private static void fill(Path filler) throws IOException {
        try (FileChannel channel = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int size = 64 << 10; size > 0; ) {
                try {
                    channel.write(ByteBuffer.allocate(size));
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("No space left");
                    size = size == 1 ? 0 : size / 64;
                }
            }
        }
    }
}
