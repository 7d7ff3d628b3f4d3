package io.tributary.agent.source.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.decode.DecodeMetrics;
import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Mosquitto;
import io.tributary.config.ConfigReader;
import io.tributary.config.HostPort;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Sparkplug node behind Mosquitto whose birth the agent has not heard. */
final class RebirthTest {
    private static final SystemClock CLOCK = new SystemClock();

    @TempDir
    Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();

    /** Holds the element of a configuration. */
    record Decode(DecoderConfig decode) {}

    private Path payload(String name) throws Exception {
        String file = "/sparkplug/" + name + ".hex";
        try (InputStream in = Objects.requireNonNull(RebirthTest.class.getResourceAsStream(file), file)) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", "");
            return Files.write(directory.resolve(name), HexFormat.of().parseHex(hex));
        }
    }

    private void publish(int port, String type, String payload) throws Exception {
        Mosquitto.Ran ran = Mosquitto.run(
                "mosquitto_pub",
                port,
                "",
                "-q",
                "0",
                "-t",
                "spBv1.0/plant/" + type + "/edge",
                "-f",
                payload(payload).toString());
        assertThat(ran.exit()).as(ran.output()).isZero();
    }

    private MqttSource source(int port, MqttOptions.Version version, FlakyIntake intake) throws Exception {
        Rebirths rebirths = new Rebirths(CLOCK);
        DecoderConfig sparkplug = ConfigReader.parse(
                        "decode: {type: sparkplug, rebirth-interval: 50ms}", "test", Decode.class)
                .decode();
        MqttSource source = new MqttSource(
                new MqttOptions(
                        "test",
                        new HostPort("127.0.0.1", port),
                        version,
                        "host",
                        null,
                        null,
                        null,
                        Durability.SYNCED,
                        List.of("spBv1.0/#"),
                        1,
                        false,
                        50,
                        1 << 20,
                        1 << 20,
                        Duration.ofHours(1),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(1),
                        Duration.ofMillis(50)),
                MessageReader.of(
                        "test",
                        sparkplug.open(new DecoderContext("test", CLOCK, new DecodeMetrics(registry), rebirths))),
                intake,
                CLOCK,
                new SplittableRandom(1),
                new MqttMetrics(registry));
        rebirths.through(source);
        source.start();
        return source;
    }

    private static boolean isTaken(FlakyIntake intake, String channel) {
        return intake.taken().stream()
                .flatMap(batch -> batch.channels().stream())
                .anyMatch(each -> each.name().equals(channel));
    }

    @ParameterizedTest
    @EnumSource(MqttOptions.Version.class)
    void unknownNode_isAskedForItsBirth_andUnderstoodAfterIt(MqttOptions.Version version) throws Exception {
        try (Mosquitto broker = Mosquitto.start(directory, "");
                FlakyIntake intake = new FlakyIntake(1, 0);
                MqttSource source = source(broker.port(), version, intake)) {
            Process node = Mosquitto.begin(
                    "mosquitto_sub", broker.port(), "-t", "spBv1.0/plant/NCMD/edge", "-C", "1", "-W", "60", "-F", "%x");
            try {
                // Once more until the node listens: a request is for whoever is there.
                await().until(() -> {
                    publish(broker.port(), "NDATA", "ndata");
                    return node.getInputStream().available() > 0;
                });
                assertThat(new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .contains(HexFormat.of().formatHex("Node Control/Rebirth".getBytes(StandardCharsets.US_ASCII)));
            } finally {
                node.destroy();
            }
            await().until(() -> !intake.letters().isEmpty());
            assertThat(intake.readings()).isZero();
            publish(broker.port(), "NBIRTH", "nbirth");
            int letters = intake.letters().size();
            await().until(() -> isTaken(intake, "online"));
            long before = intake.readings();
            publish(broker.port(), "NDATA", "ndata");
            await().until(() -> intake.readings() > before);
            assertThat(intake.letters()).hasSize(letters);
        }
    }
}
