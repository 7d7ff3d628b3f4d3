package io.tributary.collector.ingest;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.collector.account.AccountReader;
import io.tributary.collector.agents.AgentDirectory;
import io.tributary.collector.commands.CommandOptions;
import io.tributary.collector.commands.Downlink;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.rpc.RpcOptions;
import io.tributary.collector.rpc.RpcServer;
import io.tributary.collector.rpc.RpcService;
import io.tributary.collector.security.AgentGate;
import io.tributary.collector.storage.StateStore;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** The ingest endpoint behind a real gRPC server on a free port, with clocks that the test moves. */
final class IngestFixture implements AutoCloseable {
    /** 2026-01-01T00:00:00Z */
    static final long NOW_NS = 1_767_225_600_000_000_000L;

    final AtomicLong wallNs = new AtomicLong(NOW_NS);
    final AtomicLong monotonicNs = new AtomicLong(1_000);
    final PrometheusRegistry metrics = new PrometheusRegistry();
    final AgentDirectory directory;
    final Downlink downlink;
    final IngestEndpoint endpoint;
    final RpcServer server;

    IngestFixture(BatchWriter writer, AccountReader accounts) {
        this(writer, accounts, options());
    }

    IngestFixture(BatchWriter writer, AccountReader accounts, IngestOptions options) {
        directory = new AgentDirectory(new MemoryStore(), accounts, metrics);
        directory.start();
        downlink = new Downlink(
                new CommandOptions(
                        100,
                        new ByteSize(1 << 20),
                        new ByteSize(64 << 10),
                        Duration.ofDays(7),
                        1000,
                        new ByteSize(1 << 18)),
                new MemoryStore(),
                new MemoryStore(),
                (who, action, details) -> {},
                () -> Instant.ofEpochSecond(0, wallNs.get()),
                metrics);
        endpoint = new IngestEndpoint(
                options,
                "collector-1",
                "0.1.0",
                writer,
                directory,
                downlink,
                AgentGate.OPEN,
                metrics,
                () -> Instant.ofEpochSecond(0, wallNs.get()),
                monotonicNs::get);
        server = new RpcServer(
                rpcOptions(100),
                List.of(new RpcService(endpoint.service(), endpoint.executor())),
                List.of(endpoint.arrivalStamps()),
                null,
                System::nanoTime,
                metrics);
        try {
            server.start(options.messageBytesMax());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        endpoint.start();
    }

    int port() {
        return server.port();
    }

    TestAgent agent(String name) {
        return TestAgent.greeted(port(), name, 1, 0);
    }

    /** A batch of one device with {@code rows} rows of two channels, one second apart from {@code firstTimeNs}. */
    static byte[] batch(String device, long firstTimeNs, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long time = firstTimeNs + i * 1_000_000_000L;
            builder.row(Device.of(device), time, time + 1_000_000)
                    .set("temperature", 20 + i * 0.1)
                    .set("count", (long) i);
        }
        return BatchCodec.encode(builder.build());
    }

    double metric(String name) {
        double sum = 0;
        for (MetricSnapshot snapshot : metrics.scrape()) {
            if (snapshot.getMetadata().getPrometheusName().equals(name)) {
                for (DataPointSnapshot point : snapshot.getDataPoints()) {
                    sum += value(point);
                }
            }
        }
        return sum;
    }

    private static double value(DataPointSnapshot point) {
        return point instanceof CounterSnapshot.CounterDataPointSnapshot counter
                ? counter.getValue()
                : ((GaugeSnapshot.GaugeDataPointSnapshot) point).getValue();
    }

    static RpcOptions rpcOptions(int connectionsMax) {
        return new RpcOptions(
                new HostPort("127.0.0.1", 0),
                false,
                1,
                connectionsMax,
                10_000,
                10_000,
                16,
                new ByteSize(1 << 20),
                new ByteSize(8 << 10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60));
    }

    static IngestOptions options() {
        return options(1000, 8 << 20, 64 << 20, 1000, 1000);
    }

    static IngestOptions options(int agentsMax, long agentBytes, long allBytes, int devicesMax, int channelsMax) {
        return options(agentsMax, agentBytes, allBytes, devicesMax, channelsMax, 0, 0);
    }

    static IngestOptions options(
            int agentsMax,
            long agentBytes,
            long allBytes,
            int devicesMax,
            int channelsMax,
            long readingsPerSecond,
            long bytesPerSecond) {
        return new IngestOptions(
                2,
                agentsMax,
                new ByteSize(64 << 10),
                new ByteSize(1 << 20),
                100_000,
                new ByteSize(1 << 10),
                new ByteSize(agentBytes),
                new ByteSize(allBytes),
                readingsPerSecond,
                new ByteSize(bytesPerSecond),
                Duration.ofHours(1),
                devicesMax,
                channelsMax,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                100,
                Duration.ofSeconds(60),
                Duration.ofSeconds(10));
    }

    /** What a restart would find. */
    static final class MemoryStore implements StateStore {
        final Map<String, byte[]> saved = new ConcurrentHashMap<>();

        @Override
        public void forEach(BiConsumer<String, byte[]> each) {
            saved.forEach(each);
        }

        @Override
        public void put(String name, byte[] value) {
            saved.put(name, value);
        }

        @Override
        public void putSynced(String name, byte[] value) {
            put(name, value);
        }

        @Override
        public void remove(String name) {
            saved.remove(name);
        }
    }

    @Override
    public void close() {
        server.close(100);
        endpoint.close();
        directory.close();
    }
}
