package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT clients of others publish to the agent's listener; what they were told is taken is in the collector, once. */
final class MqttPeersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path NOTHING = Path.of("/dev/null");
    private static final String LISTENER = """
              - type: mqtt-listener
                listen: 127.0.0.1:${port}
                topics:
                  - topic: plant/{device}
                    decode: {type: json, time: {path: t, format: ms}, channels: [{path: n}]}
            """;

    private final Path root = Path.of(System.getProperty("tributary.root", ".."));
    private final Installation installation = new Installation(root);

    @TempDir
    Path directory;

    private Line line() {
        return new Line(installation, directory.resolve("line")).withAgentSource("mqtt.listener", LISTENER);
    }

    private static List<String> stored(Line line, String device) {
        return line.collectorApi()
                .text("/api/v1/readings?device=" + device + "&channel=n&format=csv")
                .lines()
                .skip(1)
                .map(row -> row.split(",")[5])
                .toList();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> i + ".0").toList();
    }

    private static void awaitStored(Line line, String device, int count) {
        Await.until(
                PATIENCE,
                () -> stored(line, device).size() >= count,
                () -> stored(line, device).size() + " of " + count + " readings of " + device + " arrived");
        assertThat(stored(line, device)).containsExactlyElementsOf(numbers(count));
    }

    private void runs(List<String> command, Path input, String name) throws Exception {
        Path log = directory.resolve(name + ".log");
        Process process = Foreign.start(command, input, log);
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void agentKilledAtRandom_everyAcknowledgedMessageIsStoredOnce() throws Exception {
        int count = 6_000;
        Path acknowledged = directory.resolve("acknowledged");
        List<String> python = Foreign.paho(directory, "publish.py");
        try (Line line = line()) {
            line.start();
            python.addAll(List.of(
                    String.valueOf(line.agentPort("mqtt.listener")),
                    String.valueOf(count),
                    "400",
                    acknowledged.toString()));
            Path log = directory.resolve("paho.log");
            Process publisher = Foreign.start(python, NOTHING, log);
            SplittableRandom random = new SplittableRandom(20261121);
            int kills = 0;
            while (publisher.isAlive() && kills < 8) {
                long target = (Files.exists(acknowledged) ? lines(acknowledged) : 0) + random.nextInt(50, 700);
                if (Await.holds(Duration.ofSeconds(10), () -> lines(acknowledged) >= target)) {
                    line.killAgent();
                    kills++;
                    line.startAgent();
                }
            }
            assertThat(publisher.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(publisher.exitValue()).as(Files.readString(log)).isZero();
            assertThat(kills).isGreaterThan(2);
            assertThat(Files.readAllLines(acknowledged).stream().distinct()).hasSize(count);
            awaitStored(line, "paho", count);
        }
    }

    private static long lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 2", "5, 1", "5, 2"})
    void mqttJs_ofEachVersionAndQos(String version, String qos) throws Exception {
        List<String> node = Foreign.node(root, directory, "mqtt", "publish.js");
        try (Line line = line()) {
            line.start();
            node.addAll(List.of(String.valueOf(line.agentPort("mqtt.listener")), version, qos, "500", "js"));
            runs(node, NOTHING, "js");
            awaitStored(line, "js", 500);
        }
    }

    @Test
    void mosquittoPub_lineByLine() throws Exception {
        Path lines = directory.resolve("lines");
        Files.write(
                lines,
                IntStream.range(0, 500)
                        .mapToObj(i -> "{\"t\":%d,\"n\":%d}".formatted(1_700_000_000_000L + i, i))
                        .toList());
        List<String> publish = Foreign.mosquitto("mosquitto_pub", "-h", "127.0.0.1", "-q", "1", "-V", "5", "-l");
        try (Line line = line()) {
            line.start();
            publish.addAll(List.of("-p", String.valueOf(line.agentPort("mqtt.listener")), "-t", "plant/m"));
            runs(publish, lines, "mosquitto");
            awaitStored(line, "m", 500);
        }
    }

    @Test
    void collectd_publishesTheBoxsFigures() throws Exception {
        Line line = new Line(installation, directory.resolve("line")).withAgentSource("mqtt.listener", """
                  - type: mqtt-listener
                    listen: 127.0.0.1:${port}
                    topics:
                      - topic: site/collectd/#
                        decode: {type: collectd}
                """);
        try (line) {
            line.start();
            List<String> command = Foreign.collectd(directory, line.agentPort("mqtt.listener"));
            Process collectd = Foreign.start(command, NOTHING, directory.resolve("collectd.log"));
            try {
                Await.until(
                        PATIENCE,
                        () -> channels(line)
                                .containsAll(List.of("load/load.shortterm", "load/load.longterm", "cpu-0/cpu-idle")),
                        () -> "of collectd there is only " + channels(line));
                assertThat(channels(line)).contains("memory/memory-free");
                assertThat(line.agentApi().metrics().sum("tributary_agent_dead_letters_held"))
                        .isZero();
            } finally {
                collectd.destroy();
                assertThat(collectd.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static List<String> channels(Line line) {
        return line.collectorApi()
                .text("/api/v1/latest?device=box-1&format=csv")
                .lines()
                .skip(1)
                .map(row -> row.split(",")[1])
                .toList();
    }
}
