package io.tributary.agent.source.mqttlistener;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.FlakyIntake;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A listener whose time a test moves, and the clients that talk to it. */
final class ListenerFixture implements AutoCloseable {
    final FlakyIntake intake = new FlakyIntake(1, 0);
    final MqttListenerSource source;

    private final ManualClock clock = new ManualClock();
    private final List<AutoCloseable> open = new ArrayList<>();

    ListenerFixture() throws IOException {
        this(Listeners.options());
    }

    ListenerFixture(MqttListenerOptions options) throws IOException {
        source = Listeners.source(options, intake, clock, new PrometheusRegistry());
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
