package io.tributary.collector.ingest.mqtt;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.ingest.AgentMessageBytes;
import io.tributary.collector.ingest.IngestEndpoint;
import io.tributary.collector.ingest.IngestOptions;
import io.tributary.mqtt.BrokerLink;
import io.tributary.mqtt.BrokerOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Agents come in here through a broker. Made by {@code main} when the configuration has a section {@code mqtt}. A broker
 * that is away stops nothing else: the connections are made when it is back.
 */
public final class MqttEndpoint implements AutoCloseable, BrokerConnection.Owner, AgentCalls.Down {
    /** Topic, properties and the fields around a batch. */
    private static final int PACKET_OVERHEAD_BYTES = 4 << 10;

    /** How a connection is made; a test has one without a broker. */
    public interface LinkFactory {
        BrokerLink of(BrokerOptions options, BrokerLink.Events events) throws IOException;
    }

    private final MqttIngestOptions options;
    private final AgentCalls calls;
    private final List<BrokerConnection> connections = new ArrayList<>();
    /** Calls that found no room for their answers. */
    private final Set<MqttCall> blocked = ConcurrentHashMap.newKeySet();

    private boolean closed;

    public MqttEndpoint(
            MqttIngestOptions options,
            IngestOptions limits,
            IngestEndpoint endpoint,
            PrometheusRegistry registry,
            RandomGenerator random,
            LongSupplier nanoTime) {
        this(options, limits, endpoint, registry, random, nanoTime, BrokerLink::of);
    }

    /** @param links makes the connections */
    public MqttEndpoint(
            MqttIngestOptions options,
            IngestOptions limits,
            IngestEndpoint endpoint,
            PrometheusRegistry registry,
            RandomGenerator random,
            LongSupplier nanoTime,
            LinkFactory links) {
        this.options = options;
        MqttIngestMetrics metrics = new MqttIngestMetrics(registry);
        // An agent with its whole credit on the way, and a message that is handed on.
        long agentQueueMax = limits.agentInFlightMax().bytes() + limits.messageBytesMax();
        calls = new AgentCalls(
                endpoint,
                endpointName(),
                agentQueueMax,
                Math.max(options.waitingMax().bytes(), agentQueueMax),
                metrics,
                this);
        metrics.watch(registry, calls::waitingBytes);
        String client =
                options.client() == null ? "tributary-collector-%08x".formatted(random.nextInt()) : options.client();
        int packetBytesMax = limits.messageBytesMax() + PACKET_OVERHEAD_BYTES;
        for (int i = 1; i <= options.connections(); i++) {
            int index = i;
            connections.add(new BrokerConnection(
                    "mqtt-" + i,
                    events -> links.of(BrokerConnection.linkOptions(options, client, index, packetBytesMax), events),
                    Topics.sharedUp(options.group()),
                    this,
                    options,
                    random,
                    nanoTime,
                    metrics));
        }
    }

    /** Does not wait for the broker. */
    public void start() {
        connections.forEach(BrokerConnection::start);
    }

    /** For the ready line and logs. */
    public String endpointName() {
        return (options.tls() == null ? "mqtt://" : "mqtts://") + options.broker();
    }

    // ---- messages ----

    @Override
    public void arrived(BrokerLink.Arrival arrival, Runnable done) {
        String agent = Topics.agent(arrival.topic());
        if (agent == null) {
            calls.refused("topic", arrival.topic(), "not the topic of an agent");
            done.run();
            return;
        }
        byte[] payload = arrival.payload();
        calls.arrived(agent, AgentMessageBytes.read(payload), payload.length, done);
    }

    @Override
    public void ready() {
        for (MqttCall call : blocked) {
            blocked.remove(call);
            call.ready();
        }
    }

    @Override
    public boolean isReady(MqttCall call) {
        if (hasRoom(call.agent())) {
            return true;
        }
        blocked.add(call);
        // Room may have come in between, and nobody would tell of it.
        return hasRoom(call.agent()) && blocked.remove(call);
    }

    private boolean hasRoom(String agent) {
        BrokerConnection connection = of(agent);
        return connection != null && connection.isReady();
    }

    @Override
    public boolean publish(String agent, byte[] message) {
        BrokerConnection connection = of(agent);
        return connection != null && connection.publish(Topics.down(agent), message);
    }

    /** An agent's answers go over one connection while it lasts, so that they stay in order. */
    private @Nullable BrokerConnection of(String agent) {
        int first = Math.floorMod(agent.hashCode(), connections.size());
        for (int i = 0; i < connections.size(); i++) {
            BrokerConnection each = connections.get((first + i) % connections.size());
            if (each.isConnected()) {
                return each;
            }
        }
        return null;
    }

    // ---- the end ----

    /** What agents say goes to other collectors, if there are any; what has come is dealt with and answered. */
    public void stopAccepting() {
        connections.forEach(BrokerConnection::stopAccepting);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            connections.forEach(BrokerConnection::close);
        }
    }
}
