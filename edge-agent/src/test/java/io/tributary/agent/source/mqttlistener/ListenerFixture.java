package io.tributary.agent.source.mqttlistener;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.agent.source.FlakyIntake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A listener whose time a test moves, and the clients that talk to it. */
final class ListenerFixture implements AutoCloseable {
    final FlakyIntake intake = new FlakyIntake(1, 0);
    final MqttListenerSource source;
    final PrometheusRegistry registry = new PrometheusRegistry();

    private final ManualClock clock = new ManualClock();
    private final List<AutoCloseable> open = new ArrayList<>();

    ListenerFixture() throws IOException {
        this(Listeners.options());
    }

    ListenerFixture(MqttListenerOptions options) throws IOException {
        source = Listeners.source(options, intake, clock, registry);
        source.start();
    }

    RawClient connect(byte[]... packets) throws IOException {
        RawClient client = new RawClient(source.endpoint());
        open.add(client);
        return client.send(packets);
    }

    /** MQTT 3.1.1, let in. */
    RawClient open3(String id, boolean clean) throws IOException {
        RawClient client = connect(Packets.connect3(id, clean, 60));
        assertThat(client.next()).startsWith("20 ").endsWith("00");
        return client;
    }

    /** MQTT 5, let in, without a session that outlives the connection. */
    RawClient open5(String id) throws IOException {
        return open5(id, Packets.NO_PROPERTIES);
    }

    RawClient open5(String id, byte[] properties) throws IOException {
        RawClient client = connect(Packets.connect5(id, true, 60, properties));
        assertThat(client.next()).startsWith("20 0000");
        return client;
    }

    /** Sent to the client's own topic {@code reboot}, for a minute. */
    CompletableFuture<DeviceOutcome> command(String device, String payload) {
        return source.carryOut(
                        reboot(device, payload),
                        "c-" + payload,
                        clock.monotonicNs() + Duration.ofMinutes(1).toNanos())
                .toCompletableFuture();
    }

    boolean reaches(String device, String payload) {
        return source.reaches(reboot(device, payload)).toCompletableFuture().join();
    }

    private static DeviceCommand reboot(String device, String payload) {
        return new DeviceCommand.Publish(device, "reboot", payload.getBytes(StandardCharsets.UTF_8));
    }

    /** A metric of the listener at this moment. */
    double metric(String name) {
        source.tickNow();
        return registry.scrape(("tributary_agent_mqtt_listener_" + name)::equals).stream()
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .mapToDouble(point -> point instanceof GaugeDataPointSnapshot gauge
                        ? gauge.getValue()
                        : ((CounterDataPointSnapshot) point).getValue())
                .sum();
    }

    /** The listener sees that so much time has gone by. */
    void advance(Duration time) {
        // Twice: what a client has seen the end of may still have its end before it.
        source.tickNow();
        source.tickNow();
        clock.advance(time.toNanos());
        source.tickNow();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        source.close();
        intake.close();
    }
}
