package io.tributary.agent.source.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Mosquitto;
import io.tributary.agent.source.NumberDecoder;
import io.tributary.agent.source.TestCertificates;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class MqttSourceTest {
    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private PrometheusRegistry registry = new PrometheusRegistry();
    private FlakyIntake intake = new FlakyIntake(1, 0);

    @AfterEach
    void closeAll() throws Exception {
        intake.refusals(0);
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    private static MqttOptions options(
            HostPort broker,
            MqttOptions.Version version,
            int inFlight,
            Duration patience,
            @Nullable String user,
            @Nullable String password,
            @Nullable TlsFiles tls) {
        return new MqttOptions(
                "test",
                broker,
                version,
                "agent-test",
                user,
                password == null ? null : new Secret(password),
                tls,
                Durability.SYNCED,
                List.of("in/+/+"),
                1,
                false,
                inFlight,
                1 << 20,
                1 << 20,
                Duration.ofHours(1),
                Duration.ofSeconds(30),
                patience,
                Duration.ofSeconds(20),
                Duration.ofMillis(1),
                Duration.ofMillis(50));
    }

    private MqttSource start(MqttOptions options) throws IOException {
        registry = new PrometheusRegistry();
        MqttSource source = new MqttSource(
                options,
                NumberDecoder.reader(),
                intake,
                new SystemClock(),
                new SplittableRandom(1),
                new MqttMetrics(registry));
        source.start();
        open.add(source);
        return source;
    }

    private MqttSource start(int port, MqttOptions.Version version) throws IOException {
        return start(options(new HostPort("127.0.0.1", port), version, 50, Duration.ofSeconds(20), null, null, null));
    }

    private double metric(String name) {
        return registry.scrape(full -> full.equals("tributary_agent_mqtt_" + name)).stream()
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .mapToDouble(point -> point
                                instanceof
                                io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot gauge
                        ? gauge.getValue()
                        : ((io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot) point)
                                .getValue())
                .sum();
    }

    private void awaitSubscribed() {
        await().until(() -> metric("connected") == 1);
    }

    // ---- against Mosquitto ----

    private Mosquitto broker(String extra) throws IOException {
        Mosquitto broker = Mosquitto.start(directory, extra);
        open.add(broker);
        return broker;
    }

    private static void publish(int port, long from, long to) throws Exception {
        String lines = LongStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
        Mosquitto.Ran ran = Mosquitto.run("mosquitto_pub", port, lines, "-q", "1", "-t", "in/d/c", "-l");
        assertThat(ran.exit()).as(ran.output()).isZero();
    }

    private List<Long> values() {
        return NumberDecoder.values(intake);
    }

    @ParameterizedTest
    @CsvSource({"V5,1", "V5,2", "V311,3", "V311,4"})
    void allThatTheBrokerTook_isTaken_whateverEndsInTheMiddle(MqttOptions.Version version, long seed) throws Exception {
        intake = new FlakyIntake(seed, 0.2);
        Mosquitto broker = broker("");
        MqttSource source = start(broker.port(), version);
        awaitSubscribed();
        SplittableRandom random = new SplittableRandom(seed);
        long published = 0;
        for (int round = 0; round < 6; round++) {
            long next = published + random.nextLong(50, 200);
            publish(broker.port(), published, next);
            published = next;
            switch (random.nextInt(4)) {
                case 0 -> {
                    broker.stop();
                    broker.start();
                }
                case 1 -> {
                    source.close();
                    publish(broker.port(), published, published + 50);
                    published += 50;
                    source = start(broker.port(), version);
                }
                case 2 -> intake.refusals(random.nextBoolean() ? 1 : 0.5);
                default -> intake.refusals(0);
            }
        }
        intake.refusals(0);
        List<Long> expected = LongStream.range(0, published).boxed().toList();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(values().stream().distinct().sorted())
                        .as("seed %d", seed)
                        .isEqualTo(expected));
    }

    @ParameterizedTest
    @EnumSource(MqttOptions.Version.class)
    void undisturbed_everythingIsTakenOnceAndInOrder(MqttOptions.Version version) throws Exception {
        intake = new FlakyIntake(5, 0.3);
        Mosquitto broker = broker("");
        start(broker.port(), version);
        awaitSubscribed();
        publish(broker.port(), 0, 1000);
        List<Long> expected = LongStream.range(0, 1000).boxed().toList();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(values()).hasSize(1000));
        assertThat(values()).isEqualTo(expected);
        await().until(() -> metric("in_flight") == 0);
    }

    @ParameterizedTest
    @EnumSource(MqttOptions.Version.class)
    void whatDoesNotDecode_isADeadLetterOnce(MqttOptions.Version version) throws Exception {
        Mosquitto broker = broker("");
        MqttSource source = start(broker.port(), version);
        awaitSubscribed();
        Mosquitto.run("mosquitto_pub", broker.port(), "x\n1\ny\n", "-q", "1", "-t", "in/d/c", "-l");
        await().until(() -> intake.letters().size() == 2 && intake.readings() == 1);
        source.close();
        start(broker.port(), version);
        awaitSubscribed();
        publish(broker.port(), 7, 8);
        await().until(() -> intake.readings() == 2);
        assertThat(intake.letters()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(MqttOptions.Version.class)
    void retainedFromBefore_isNotTaken(MqttOptions.Version version) throws Exception {
        Mosquitto broker = broker("");
        Mosquitto.run("mosquitto_pub", broker.port(), "", "-q", "1", "-r", "-t", "in/d/c", "-m", "1");
        start(broker.port(), version);
        awaitSubscribed();
        Mosquitto.run("mosquitto_pub", broker.port(), "", "-q", "1", "-r", "-t", "in/d/c", "-m", "2");
        await().until(() -> intake.readings() == 1);
        assertThat(values()).containsExactly(2L);
        assertThat(metric("retained_ignored")).isEqualTo(version == MqttOptions.Version.V311 ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(MqttOptions.Version.class)
    void tlsAndPassword_areAsked(MqttOptions.Version version) throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "localhost");
        Path passwords = Mosquitto.passwords(directory.resolve("passwords"), "agent", "s3cret");
        Mosquitto broker = broker("allow_anonymous false\npassword_file " + passwords + "\ncafile "
                + certificates.authority + "\ncertfile " + certificates.certificate + "\nkeyfile " + certificates.key
                + "\nrequire_certificate true\n");
        TlsFiles tls = new TlsFiles(certificates.clientCertificate, certificates.clientKey, certificates.authority);
        HostPort named = new HostPort("localhost", broker.port());
        MqttSource source = start(options(named, version, 50, Duration.ofSeconds(20), "agent", "s3cret", tls));
        awaitSubscribed();
        Mosquitto.Ran ran = Mosquitto.run(
                "mosquitto_pub",
                broker.port(),
                "",
                "--cafile",
                certificates.authority.toString(),
                "--cert",
                certificates.clientCertificate.toString(),
                "--key",
                certificates.clientKey.toString(),
                "--insecure",
                "-u",
                "agent",
                "-P",
                "s3cret",
                "-q",
                "1",
                "-t",
                "in/d/c",
                "-m",
                "1");
        assertThat(ran.exit()).as(ran.output()).isZero();
        await().until(() -> intake.readings() == 1);
        source.close();
        // By its address the certificate is not the broker's.
        HostPort address = new HostPort("127.0.0.1", broker.port());
        source = start(options(address, version, 50, Duration.ofSeconds(20), "agent", "s3cret", tls));
        await().until(() -> metric("connect_failures") >= 2);
        assertThat(metric("connects")).isZero();
        source.close();
        start(options(named, version, 50, Duration.ofSeconds(20), "agent", "wrong", tls));
        await().until(() -> metric("connect_failures") >= 2);
        assertThat(metric("connects")).isZero();
    }

    @Test
    void publish_reachesOtherSubscribers() throws Exception {
        Mosquitto broker = broker("");
        MqttSource source = start(broker.port(), MqttOptions.Version.V5);
        awaitSubscribed();
        assertThat(source.publish("in/self/c", "5".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isTrue();
        await().until(() -> values().contains(5L));
    }

    // ---- against a broker that is told what to do ----

    private FakeBroker fake() throws IOException {
        FakeBroker broker = new FakeBroker();
        open.add(broker);
        return broker;
    }

    @Test
    void nothingIsAcknowledged_beforeItIsTaken() throws Exception {
        intake.refusals(1);
        FakeBroker broker = fake();
        start(broker.port(), MqttOptions.Version.V311);
        assertThat(broker.next(20_000)).isEqualTo("10");
        assertThat(broker.next(20_000)).isEqualTo("82");
        broker.publish(1, 7, "in/d/c", "1");
        broker.publish(1, 8, "in/d/c", "x");
        await().until(() -> metric("in_flight") == 2);
        assertThat(broker.next(50)).isNull();
        intake.refusals(0);
        assertThat(broker.next(20_000)).isEqualTo("40 7");
        assertThat(broker.next(20_000)).isEqualTo("40 8");
        assertThat(values()).containsExactly(1L);
        assertThat(intake.letters()).hasSize(1);
    }

    @Test
    void moreThanTheWindow_waits_andTheConnectionIsGivenUpInTheEnd() throws Exception {
        intake.refusals(1);
        FakeBroker broker = fake();
        start(options(
                new HostPort("127.0.0.1", broker.port()),
                MqttOptions.Version.V311,
                2,
                Duration.ofMillis(50),
                null,
                null,
                null));
        assertThat(broker.next(20_000)).isEqualTo("10");
        assertThat(broker.next(20_000)).isEqualTo("82");
        for (int id = 1; id <= 3; id++) {
            broker.publish(1, id, "in/d/c", String.valueOf(id));
        }
        await().until(() -> metric("stalls") == 1);
        intake.refusals(0);
        await().until(() -> {
            String next = broker.next(20_000);
            return next != null && next.equals("82");
        });
        broker.publish(1, 4, "in/d/c", "4");
        assertThat(broker.next(20_000)).isEqualTo("40 4");
        assertThat(new LinkedHashSet<>(values())).contains(4L).doesNotContain(3L);
    }

    @Test
    void refusedSubscription_isNoConnection() throws Exception {
        FakeBroker broker = fake();
        broker.subscriptionResult = 0x80;
        start(broker.port(), MqttOptions.Version.V311);
        await().until(() -> metric("connect_failures") >= 2);
        assertThat(metric("connected")).isZero();
        broker.subscriptionResult = 1;
        awaitSubscribed();
    }

    @Test
    void cutConnection_isMadeAgain() throws Exception {
        FakeBroker broker = fake();
        start(broker.port(), MqttOptions.Version.V311);
        awaitSubscribed();
        for (int i = 1; i <= 3; i++) {
            int lost = i;
            broker.cut();
            await().until(() -> metric("lost_connections") >= lost && metric("connected") == 1);
        }
        assertThat(metric("lost_sessions")).isGreaterThanOrEqualTo(3);
    }

    @Test
    void missingCertificate_isToldAtTheStart() throws Exception {
        TlsFiles tls = new TlsFiles(null, null, Files.writeString(directory.resolve("empty.pem"), ""));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> start(options(
                        new HostPort("127.0.0.1", 1),
                        MqttOptions.Version.V5,
                        1,
                        Duration.ofSeconds(1),
                        null,
                        null,
                        tls)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("empty.pem has no");
    }
}
