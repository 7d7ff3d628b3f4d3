package io.tributary.collector.ingest;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.agents.AgentDirectory;
import io.tributary.collector.commands.Downlink;
import io.tributary.collector.partition.BatchWriter;
import io.tributary.collector.security.AgentGate;
import io.tributary.collector.security.Peer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Agents come in here. Made by {@code main}, which gives {@link #service} to the gRPC server. */
public final class IngestEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngestEndpoint.class);
    /** Time-outs are in seconds; retries of a full writer mostly come from landing flights, not from here. */
    private static final Duration TICK = Duration.ofMillis(100);

    private final IngestParts parts;
    private final ExecutorService workers;
    private final ExecutorService ackThread;
    private final ScheduledExecutorService timer;

    public IngestEndpoint(
            IngestOptions options,
            String collector,
            String version,
            BatchWriter writer,
            AgentDirectory directory,
            Downlink downlink,
            AgentGate gate,
            PrometheusRegistry registry,
            InstantSource clock,
            LongSupplier nanoTime) {
        workers = pool("ingest", options.threads());
        ackThread = pool("ingest-ack", 1);
        timer = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "ingest-timer"));
        IngestMetrics metrics = new IngestMetrics(registry);
        WriterHealth health = new WriterHealth();
        InFlightBudget budget = new InFlightBudget(options.inFlightMax().bytes());
        Sessions sessions = new Sessions(options, health, budget);
        metrics.watch(registry, sessions, budget, health);
        RetrySlots slots = new RetrySlots(
                options.retryBase(), options.retryAgentsPerSecond(), options.retryMax(), RandomGenerator.getDefault());
        parts = new IngestParts(
                options,
                collector,
                version,
                writer,
                directory,
                downlink,
                gate,
                new DeliveryCheck(options, metrics),
                health,
                budget,
                sessions,
                new Retries(workers),
                slots,
                new ConcurrentHashMap<>(),
                new ConcurrentHashMap<>(),
                metrics,
                workers,
                ackThread,
                clock,
                nanoTime);
    }

    public ServerServiceDefinition service() {
        return ServerInterceptors.intercept(new IngestService(parts).definition(), new CallPeer());
    }

    /**
     * A session that comes over another pipe than the service's.
     *
     * @param peer where from, and for which agent whatever carries the pipe vouches
     */
    public AgentCall open(AgentPipe pipe, Peer peer) {
        AgentStream stream = new AgentStream(parts, pipe, peer);
        stream.open();
        return stream;
    }

    /** Threads for the service's calls, and to call {@link AgentCall#message} on. */
    public Executor executor() {
        return workers;
    }

    /** Must be in the server: stamps clock probes where they arrive. */
    public ServerStreamTracer.Factory arrivalStamps() {
        return ArrivalTracer.factory(parts.clock());
    }

    public WriterHealth health() {
        return parts.health();
    }

    /** Starts time-outs and credit updates. */
    public void start() {
        timer.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void tick() {
        try {
            parts.sessions().tick(parts.nanoTime().getAsLong());
            parts.retries().run();
        } catch (RuntimeException e) {
            // The timer would stop for ever.
            LOG.error("BUG: ingest timer", e);
        }
    }

    /** Sends every agent away with a slot to come back, after what it has in flight is durable and acknowledged. */
    public void drain() {
        Refusal farewell = new Refusal("shutdown", "the collector is shutting down");
        int left = parts.sessions()
                .drain(
                        () -> parts.retryAfter(farewell),
                        parts.options().drainTimeout().toNanos());
        if (left > 0) {
            LOG.warn(
                    "{} streams had not ended {} ms after the drain began",
                    left,
                    parts.options().drainTimeout().toMillis());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdown();
        ackThread.shutdown();
    }

    /**
     * What comes after the end, a late callback of the writer or of gRPC, is dropped: its stream is gone. The queue is
     * bounded by the streams: each has at most one message and one drain in it.
     */
    private static ExecutorService pool(String name, int threads) {
        AtomicInteger made = new AtomicInteger();
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, threads == 1 ? name : name + "-" + made.incrementAndGet()),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
