package io.tributary.agent.source.mqttlistener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Mosquitto;
import io.tributary.agent.source.NumberDecoder;
import io.tributary.agent.source.TestCertificates;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of others against the listener: Mosquitto's and Paho's. */
final class ForeignClientTest {
    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private FlakyIntake intake = new FlakyIntake(1, 0.1);

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    private MqttListenerSource start(@Nullable TlsFiles tls, @Nullable Path passwords) throws IOException {
        MqttListenerSource source = Listeners.source(
                Listeners.options(64 << 10, 100, 20, tls, passwords), intake, new PrometheusRegistry());
        source.start();
        open.add(source);
        return source;
    }

    private static int port(MqttListenerSource source) {
        return HostPort.parse(source.endpoint()).port();
    }

    private static List<Long> numbers(long to) {
        return LongStream.range(0, to).boxed().toList();
    }

    // ---- Mosquitto ----

    @ParameterizedTest
    @CsvSource({"mqttv311,0", "mqttv311,1", "mqttv311,2", "mqttv5,0", "mqttv5,1", "mqttv5,2"})
    void mosquittoPub_ofEachVersionAndQos(String version, String qos) throws Exception {
        MqttListenerSource source = start(null, null);
        String lines = numbers(300).stream().map(i -> i + "\n").collect(Collectors.joining());
        Mosquitto.Ran ran = Mosquitto.run(
                "mosquitto_pub",
                port(source),
                lines,
                "-V",
                version,
                "-q",
                qos,
                "-t",
                "in/d/c",
                "-l",
                "--will-topic",
                "w",
                "--will-payload",
                "gone");
        assertThat(ran.exit()).as(ran.output()).isZero();
        await().until(() -> intake.readings() == 300);
        assertThat(NumberDecoder.values(intake)).isEqualTo(numbers(300));
    }

    @Test
    void mosquittoSub_isRefusedButForItsCommands() throws Exception {
        MqttListenerSource source = start(null, null);
        Mosquitto.Ran refused = Mosquitto.run("mosquitto_sub", port(source), "", "-i", "d", "-t", "in/#");
        assertThat(refused.output()).contains("denied");
        Process commands = Mosquitto.begin(
                "mosquitto_sub",
                port(source),
                "-i",
                "d",
                "-q",
                "1",
                "-V",
                "mqttv5",
                "-t",
                "tributary/commands/d/#",
                "-C",
                "1",
                "-v");
        DeviceCommand now = new DeviceCommand.Publish("d", "reboot", "now".getBytes(StandardCharsets.UTF_8));
        await().until(() -> source.reaches(now).toCompletableFuture().join());
        CompletionStage<DeviceOutcome> outcome = source.carryOut(now, "c-1", Long.MAX_VALUE / 2);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(commands.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("tributary/commands/d/reboot now");
        }
        assertThat(commands.waitFor()).isZero();
        assertThat(outcome.toCompletableFuture().join().kind()).isEqualTo(DeviceOutcome.Kind.DONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void passwords_ofMosquittoPasswd_areChecked(String version) throws Exception {
        Path passwords = Mosquitto.passwords(directory.resolve("passwords"), "sensor", "right");
        Mosquitto.passwords(passwords, "other", "else");
        int port = port(start(null, passwords));
        for (String[] wrong : new String[][] {{}, {"-u", "sensor", "-P", "wrong"}, {"-u", "nobody", "-P", "right"}}) {
            assertThat(pub(port, version, "1", wrong).exit()).isNotZero();
        }
        assertThat(pub(port, version, "2", "-u", "sensor", "-P", "right").exit())
                .isZero();
        assertThat(pub(port, version, "3", "-u", "sensor", "-P", "right").exit())
                .isZero();
        assertThat(pub(port, version, "4", "-u", "other", "-P", "else").exit()).isZero();
        assertThat(NumberDecoder.values(intake)).containsExactly(2L, 3L, 4L);
    }

    private static Mosquitto.Ran pub(int port, String version, String message, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-V", version, "-q", "1", "-t", "in/d/c", "-m", message));
        arguments.addAll(List.of(more));
        return Mosquitto.run("mosquitto_pub", port, "", arguments.toArray(new String[0]));
    }

    @Test
    void tls_asksForACertificateOfTheAuthority() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "localhost");
        int port = port(start(new TlsFiles(certificates.certificate, certificates.key, certificates.authority), null));
        String[] trusting = {"--cafile", certificates.authority.toString(), "--insecure"};
        assertThat(pub(port, "mqttv5", "1", trusting).exit()).isNotZero();
        List<String> shown = new ArrayList<>(List.of(trusting));
        shown.addAll(List.of(
                "--cert", certificates.clientCertificate.toString(), "--key", certificates.clientKey.toString()));
        Mosquitto.Ran ran = pub(port, "mqttv5", "2", shown.toArray(new String[0]));
        assertThat(ran.exit()).as(ran.output()).isZero();
        assertThat(NumberDecoder.values(intake)).containsExactly(2L);
    }

    // ---- Paho ----

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void paho3_publishes(int qos) throws Exception {
        MqttListenerSource source = start(null, null);
        try (var client = new org.eclipse.paho.client.mqttv3.MqttClient(
                "tcp://" + source.endpoint(), "d", new org.eclipse.paho.client.mqttv3.persist.MemoryPersistence())) {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setMaxInflight(100); // it frees a place only after its caller has been woken
            options.setWill("w", new byte[1], 1, false);
            client.connect(options);
            for (long i = 0; i < 100; i++) {
                client.publish("in/d/c", String.valueOf(i).getBytes(StandardCharsets.UTF_8), qos, false);
            }
            await().until(() -> intake.readings() == 100);
            client.disconnect();
        }
        assertThat(NumberDecoder.values(intake)).isEqualTo(numbers(100));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void paho5_publishes(int qos) throws Exception {
        MqttListenerSource source = start(null, null);
        var client = new org.eclipse.paho.mqttv5.client.MqttClient(
                "tcp://" + source.endpoint(), "d", new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        open.add(client::close);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setTopicAliasMaximum(4);
        client.connect(options);
        for (long i = 0; i < 100; i++) {
            client.publish("in/d/c", String.valueOf(i).getBytes(StandardCharsets.UTF_8), qos, false);
        }
        await().until(() -> intake.readings() == 100);
        client.disconnect();
        assertThat(NumberDecoder.values(intake)).isEqualTo(numbers(100));
    }
}
