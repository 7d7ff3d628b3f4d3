package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.MessageRoute;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.TypeName;
import io.tributary.tls.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An MQTT endpoint that sensors publish to; {@link MqttListenerOptions} says what the keys mean. */
@TypeName("mqtt-listener")
public record MqttListenerConfig(
        @Default("mqtt.listener") String name,
        @Default("127.0.0.1:1883") HostPort listen,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Nullable Path passwords,
        @Default("synced") Durability durability,
        List<MessageRoute> topics,
        @Default("256KiB") ByteSize packetBytesMax,
        @Default("1KiB") ByteSize topicBytesMax,
        @Default("10000") int connectionsMax,
        @Default("500") int connectsPerSecond,
        @Default("500") int halfOpenMax,
        @Default("10s") Duration connectTimeout,
        @Default("60s") Duration keepAliveMax,
        @Default("10m") Duration idleTimeout,
        @Default("256") int receiveMaximum,
        @Default("16") int topicAliasMaximum,
        @Default("20000") int sessionsMax,
        @Default("1h") Duration sessionExpiryMax,
        @Default("8") int commandsMax,
        @Default("1MiB") ByteSize commandBytesMax,
        @Default("4MiB") ByteSize pendingBytesMax)
        implements SourceConfig {
    private static final int U16 = 65_535;

    public MqttListenerConfig {
        Checks.name(name);
        Checks.listen(listen, tls, allowPlaintextOffLoopback);
        topics = List.copyOf(topics);
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("topics is empty, expected at least one");
        }
        Checks.between("packet-bytes-max", packetBytesMax, 1 << 10, 16 << 20);
        Checks.between("topic-bytes-max", topicBytesMax, 16, U16);
        Checks.atLeastOne("connections-max", connectionsMax);
        Checks.atLeastOne("connects-per-second", connectsPerSecond);
        Checks.atLeastOne("half-open-max", halfOpenMax);
        Checks.positive("connect-timeout", connectTimeout);
        Checks.between("keep-alive-max in seconds", keepAliveMax.toSeconds(), 1, U16);
        Checks.positive("idle-timeout", idleTimeout);
        Checks.between("receive-maximum", receiveMaximum, 1, U16);
        Checks.between("topic-alias-maximum", topicAliasMaximum, 0, U16);
        Checks.atLeastOne("sessions-max", sessionsMax);
        Checks.positive("session-expiry-max", sessionExpiryMax);
        Checks.between("commands-max", commandsMax, 1, U16);
        Checks.between("command-bytes-max", commandBytesMax, 1 << 10, 1 << 30);
        Checks.between("pending-bytes-max", pendingBytesMax, packetBytesMax.bytes(), 1 << 30);
    }

    /** Sparkplug nodes hear no command here: they introduce themselves when they connect. */
    @Override
    public Source open(SourceContext context) {
        return new MqttListenerSource(
                new MqttListenerOptions(
                        name,
                        listen,
                        tls,
                        passwords,
                        durability,
                        packetBytesMax.intBytes(),
                        topicBytesMax.intBytes(),
                        connectionsMax,
                        connectsPerSecond,
                        halfOpenMax,
                        connectTimeout,
                        keepAliveMax,
                        idleTimeout,
                        receiveMaximum,
                        topicAliasMaximum,
                        sessionsMax,
                        sessionExpiryMax,
                        commandsMax,
                        commandBytesMax.bytes(),
                        pendingBytesMax.bytes()),
                MessageReader.of(name, topics, context.decoding(name, RebirthListener.NONE)),
                context.intake(),
                context.guard(),
                context.clock(),
                context.metrics(MqttListenerMetrics.class, MqttListenerMetrics::new));
    }
}
