package io.tributary.agent.source.mqttlistener;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.NumberDecoder;
import io.tributary.agent.source.SourceGuard;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Listeners for tests. */
public final class Listeners {
    private Listeners() {}

    static MqttListenerOptions options() {
        return options(16 << 10, 100, 10);
    }

    static MqttListenerOptions options(int packetBytesMax, int connectionsMax, int receiveMaximum) {
        return options(packetBytesMax, connectionsMax, receiveMaximum, null, null);
    }

    static MqttListenerOptions options(
            int packetBytesMax,
            int connectionsMax,
            int receiveMaximum,
            @Nullable TlsFiles tls,
            @Nullable Path passwords) {
        return new MqttListenerOptions(
                "test",
                new HostPort("127.0.0.1", 0),
                tls,
                passwords,
                Durability.SYNCED,
                packetBytesMax,
                256,
                connectionsMax,
                100_000,
                connectionsMax,
                Duration.ofSeconds(10),
                Duration.ofMinutes(30),
                Duration.ofMinutes(10),
                receiveMaximum,
                4,
                connectionsMax,
                Duration.ofHours(1),
                8,
                1 << 20,
                1 << 20);
    }

    /** Small limits: of connections, of those that are half open, and of commands that are not acknowledged. */
    static MqttListenerOptions options(int connectionsMax, int halfOpenMax, int commandsMax, long commandBytesMax) {
        MqttListenerOptions free = options();
        return new MqttListenerOptions(
                free.name(),
                free.listen(),
                null,
                null,
                free.durability(),
                free.packetBytesMax(),
                free.topicBytesMax(),
                connectionsMax,
                free.connectsPerSecond(),
                halfOpenMax,
                free.connectTimeout(),
                free.keepAliveMax(),
                free.idleTimeout(),
                free.receiveMaximum(),
                free.topicAliasMaximum(),
                free.sessionsMax(),
                free.sessionExpiryMax(),
                commandsMax,
                commandBytesMax,
                free.pendingBytesMax());
    }

    static MqttListenerSource source(MqttListenerOptions options, Intake intake, PrometheusRegistry registry) {
        return source(options, intake, new SystemClock(), registry);
    }

    static MqttListenerSource source(
            MqttListenerOptions options, Intake intake, Clock clock, PrometheusRegistry registry) {
        return new MqttListenerSource(
                options, NumberDecoder.reader(), intake, SourceGuard.NONE, clock, new MqttListenerMetrics(registry));
    }

    /** Started, with large limits; for tests of other packages. */
    public static MqttListenerSource start(Intake intake) throws IOException {
        MqttListenerSource source = source(options(256 << 10, 1000, 100), intake, new PrometheusRegistry());
        source.start();
        return source;
    }
}
