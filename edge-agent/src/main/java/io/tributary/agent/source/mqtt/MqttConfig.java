package io.tributary.agent.source.mqtt;

import io.tributary.agent.decode.AddressTemplate;
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
import io.tributary.config.Secret;
import io.tributary.config.TypeName;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscription at an existing broker; {@link MqttOptions} says what the keys mean.
 *
 * @param client empty: {@code tributary-AGENT-NAME}
 */
@TypeName("mqtt")
public record MqttConfig(
        @Default("mqtt") String name,
        @Default("127.0.0.1:1883") HostPort broker,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("v5") MqttOptions.Version version,
        @Default("\"\"") String client,
        @Nullable String user,
        @Nullable Secret password,
        @Default("synced") Durability durability,
        List<MessageRoute> topics,
        @Default("1") int qos,
        @Default("false") boolean retained,
        @Default("100") int inFlight,
        @Default("1MiB") ByteSize inFlightBytes,
        @Default("256KiB") ByteSize packetBytesMax,
        @Default("7d") Duration sessionExpiry,
        @Default("30s") Duration keepAlive,
        @Default("20s") Duration patience,
        @Default("10s") Duration connectTimeout,
        @Default("500ms") Duration reconnectMin,
        @Default("60s") Duration reconnectMax)
        implements SourceConfig {
    private static final int IN_FLIGHT_MOST = 65_535;

    public MqttConfig {
        Checks.name(name);
        Checks.reach("broker", broker, tls, allowPlaintextOffLoopback);
        topics = List.copyOf(topics);
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("topics is empty, expected at least one");
        }
        if (password != null && user == null) {
            throw new IllegalArgumentException("password without user, expected both");
        }
        Checks.between("qos", qos, 0, 1);
        Checks.between("in-flight", inFlight, 1, IN_FLIGHT_MOST);
        Checks.between("packet-bytes-max", packetBytesMax, 1 << 10, 16 << 20);
        Checks.between("in-flight-bytes", inFlightBytes, packetBytesMax.bytes(), 64 << 20);
        Checks.positive("connect-timeout", connectTimeout);
        Checks.positive("reconnect-min", reconnectMin);
        Checks.between("keep-alive in seconds", keepAlive.toSeconds(), 5, IN_FLIGHT_MOST);
        if (patience.compareTo(keepAlive) >= 0 || patience.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "patience is " + patience + ", expected more than 0 and less than keep-alive, " + keepAlive);
        }
        if (reconnectMax.compareTo(reconnectMin) < 0) {
            throw new IllegalArgumentException(
                    "reconnect-max is " + reconnectMax + ", expected at least reconnect-min, " + reconnectMin);
        }
    }

    @Override
    public Source open(SourceContext context) {
        Rebirths rebirths = new Rebirths(context.clock());
        MqttSource source = new MqttSource(
                options(context.agent()),
                MessageReader.of(name, topics, context.decoding(name, rebirths)),
                context.intake(),
                context.clock(),
                context.random(),
                context.metrics(MqttMetrics.class, MqttMetrics::new));
        rebirths.through(source);
        return source;
    }

    private MqttOptions options(String agent) {
        return new MqttOptions(
                name,
                broker,
                version,
                client.isEmpty() ? "tributary-" + agent + "-" + name : client,
                user,
                password,
                tls,
                durability,
                topics.stream()
                        .map(MessageRoute::topic)
                        .map(AddressTemplate::subscription)
                        .distinct()
                        .toList(),
                qos,
                retained,
                inFlight,
                inFlightBytes.bytes(),
                packetBytesMax.intBytes(),
                sessionExpiry,
                keepAlive,
                patience,
                connectTimeout,
                reconnectMin,
                reconnectMax);
    }
}
