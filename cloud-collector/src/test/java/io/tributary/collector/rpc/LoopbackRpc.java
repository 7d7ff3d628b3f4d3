package io.tributary.collector.rpc;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import java.time.Duration;
import java.util.List;

/** A gRPC server for tests: plain, on a free port of the loopback address, not started yet. */
public final class LoopbackRpc {
    private LoopbackRpc() {}

    public static RpcServer of(RpcService service, PrometheusRegistry registry) {
        return new RpcServer(
                new RpcOptions(
                        new HostPort("127.0.0.1", 0),
                        false,
                        1,
                        10,
                        10_000,
                        10_000,
                        16,
                        new ByteSize(64 << 10),
                        new ByteSize(8 << 10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60)),
                List.of(service),
                List.of(),
                null,
                System::nanoTime,
                registry);
    }
}
