package io.tributary.collector.rpc;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.ScopedCatalog;
import io.tributary.collector.query.AggregateQuery;
import io.tributary.collector.query.Position;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryException;
import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.WindowPosition;
import io.tributary.collector.storage.DeadLetterReader;
import io.tributary.proto.v1.AgentSummary;
import io.tributary.proto.v1.AggregateRequest;
import io.tributary.proto.v1.AggregateSeries;
import io.tributary.proto.v1.DeadLetter;
import io.tributary.proto.v1.DeviceDetail;
import io.tributary.proto.v1.DeviceSummary;
import io.tributary.proto.v1.GapReport;
import io.tributary.proto.v1.GetDeviceRequest;
import io.tributary.proto.v1.GetGapsRequest;
import io.tributary.proto.v1.LatestReading;
import io.tributary.proto.v1.LatestRequest;
import io.tributary.proto.v1.ListAgentsRequest;
import io.tributary.proto.v1.ListDeadLettersRequest;
import io.tributary.proto.v1.ListDevicesRequest;
import io.tributary.proto.v1.QueryGrpc;
import io.tributary.proto.v1.ReadRequest;
import io.tributary.proto.v1.ReadingBlock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Query service of query.proto: the same engine as behind HTTP. Calls are answered by workers of their own, which
 * wait for slow clients; gRPC's callbacks run on a thread beside them, as a worker that waits could not be told.
 */
public final class QueryService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueryService.class);
    private static final int WORKERS = 2;
    private static final int QUEUED_MAX = 16;
    private static final int DEVICE_PAGE = 256;
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    private final QueryEngine engine;
    private final CatalogReader catalog;
    private final AgentReader agents;
    private final DeadLetterReader letters;
    private final @Nullable TokenCalls access;
    private final ThreadPoolExecutor workers = pool("grpc-query", WORKERS, QUEUED_MAX);
    private final ThreadPoolExecutor callbacks = pool("grpc-query-call", 1, 10_000);

    /** @param access asked at every call; null for everybody */
    public QueryService(
            QueryEngine engine,
            CatalogReader catalog,
            AgentReader agents,
            DeadLetterReader letters,
            @Nullable TokenCalls access) {
        this.letters = letters;
        this.access = access;
        this.engine = engine;
        this.catalog = catalog;
        this.agents = agents;
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queued) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                60,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queued),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** For {@link RpcServer}. */
    public RpcService service() {
        ServerServiceDefinition calls = new Calls().bindService();
        return new RpcService(access == null ? calls : ServerInterceptors.intercept(calls, access), callbacks);
    }

    /** Interrupts running queries. May be called twice. */
    @Override
    public void close() {
        workers.shutdownNow();
        callbacks.shutdown();
    }

    private interface Answer<T> {
        /** @param scope devices that the caller may see */
        void to(PacedCall<T> call, Predicate<String> scope) throws IOException;
    }

    private <T> void answer(StreamObserver<T> responses, Answer<T> answer) {
        PacedCall<T> call = new PacedCall<>((ServerCallStreamObserver<T>) responses, STALL_TIMEOUT.toNanos());
        try {
            Predicate<String> scope = TokenCalls.scope();
            workers.execute(() -> run(call, scope, answer));
        } catch (RejectedExecutionException e) {
            call.fail(Status.UNAVAILABLE
                    .withDescription("all " + WORKERS + " query workers are busy and " + QUEUED_MAX
                            + " queries wait, try again later")
                    .asRuntimeException());
        }
    }

    private static <T> void run(PacedCall<T> call, Predicate<String> scope, Answer<T> answer) {
        try {
            answer.to(call, scope);
            call.complete();
        } catch (QueryException e) {
            Status status = switch (e.kind()) {
                case INVALID -> Status.INVALID_ARGUMENT;
                case TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
                case CANCELLED -> Status.CANCELLED;
            };
            call.fail(status.withDescription(e.getMessage()).asRuntimeException());
        } catch (StatusRuntimeException e) {
            call.fail(e);
        } catch (IOException | RuntimeException e) {
            LOG.error("a query failed", e);
            call.fail(Status.INTERNAL
                    .withDescription("this is a fault of the collector; its log says more")
                    .asRuntimeException());
        }
    }

    private void sendDevices(ListDevicesRequest request, PacedCall<DeviceSummary> call, Predicate<String> scope) {
        long left = request.getLimit() == 0 ? Long.MAX_VALUE : Integer.toUnsignedLong(request.getLimit());
        String after = request.getAfter().isEmpty() ? null : request.getAfter();
        while (left > 0) {
            int wanted = (int) Math.min(left, DEVICE_PAGE);
            List<DeviceEntry> page = new ScopedCatalog(catalog, scope)
                    .devices(QueryRequests.glob(request.getMatch()), request.getTagsMap(), wanted, after);
            for (DeviceEntry device : page) {
                call.send(QueryMessages.device(device));
            }
            if (page.size() < wanted) {
                return;
            }
            left -= wanted;
            after = page.get(page.size() - 1).id();
        }
    }

    private void sendReadings(ReadRequest request, PacedCall<ReadingBlock> call, Predicate<String> scope)
            throws IOException {
        QueryRun run = engine.begin(scope, call::isCancelled);
        ReadingBlocks blocks = new ReadingBlocks(run, call::send);
        int points = request.getLttbPoints();
        if (points != 0) {
            engine.plot(QueryRequests.read(request), points, run, blocks);
            blocks.end(null);
            return;
        }
        Position next = engine.read(QueryRequests.read(request), run, blocks);
        blocks.end(next == null ? null : next.token());
    }

    private void sendAggregate(AggregateRequest request, PacedCall<AggregateSeries> call, Predicate<String> scope)
            throws IOException {
        QueryRun run = engine.begin(scope, call::isCancelled);
        AggregateQuery query = QueryRequests.aggregate(request);
        AggregateMessages messages = new AggregateMessages(query, run, call::send);
        WindowPosition next = engine.aggregate(query, run, messages);
        messages.end(next == null ? null : next.token());
    }

    private void sendLatest(LatestRequest request, PacedCall<LatestReading> call, Predicate<String> scope)
            throws IOException {
        QueryRun run = engine.begin(scope, call::isCancelled);
        engine.latest(
                QueryRequests.series(request.getDevice(), request.getTagsMap(), request.getChannelsList()),
                run,
                row -> {
                    call.send(QueryMessages.latest(row));
                    return true;
                });
    }

    private DeviceDetail device(String id, Predicate<String> scope) {
        io.tributary.collector.catalog.DeviceDetail detail = new ScopedCatalog(catalog, scope).device(id);
        if (detail == null) {
            throw Status.NOT_FOUND
                    .withDescription("device \"" + id + "\" is unknown, expected one that has sent a reading")
                    .asRuntimeException();
        }
        return QueryMessages.device(detail);
    }

    private GapReport gaps(String agent) {
        io.tributary.collector.agents.GapReport report = agents.gaps(agent);
        if (report == null) {
            throw Status.NOT_FOUND
                    .withDescription("agent \"" + agent + "\" is unknown, expected one that has connected")
                    .asRuntimeException();
        }
        return AgentMessages.gaps(report);
    }

    private void sendLetters(ListDeadLettersRequest request, PacedCall<DeadLetter> call) {
        int limit = TokenCalls.limit(request.getLimit());
        long after = Math.max(0, request.getFromId()) - 1;
        String cause = request.getCause().isEmpty() ? null : request.getCause();
        letters.list(cause, limit, after).forEach(letter -> call.send(AgentMessages.letter(letter)));
    }

    /** The generated entry points: every call goes to the workers. */
    private final class Calls extends QueryGrpc.QueryImplBase {
        @Override
        public void listDevices(ListDevicesRequest request, StreamObserver<DeviceSummary> responses) {
            answer(responses, (call, scope) -> sendDevices(request, call, scope));
        }

        @Override
        public void getDevice(GetDeviceRequest request, StreamObserver<DeviceDetail> responses) {
            answer(responses, (call, scope) -> call.send(device(request.getId(), scope)));
        }

        @Override
        public void read(ReadRequest request, StreamObserver<ReadingBlock> responses) {
            answer(responses, (call, scope) -> sendReadings(request, call, scope));
        }

        @Override
        public void aggregate(AggregateRequest request, StreamObserver<AggregateSeries> responses) {
            answer(responses, (call, scope) -> sendAggregate(request, call, scope));
        }

        @Override
        public void latest(LatestRequest request, StreamObserver<LatestReading> responses) {
            answer(responses, (call, scope) -> sendLatest(request, call, scope));
        }

        @Override
        public void listAgents(ListAgentsRequest request, StreamObserver<AgentSummary> responses) {
            answer(responses, (call, scope) -> { // TokenCalls lets in who may see all of them
                for (io.tributary.collector.agents.AgentSummary agent : agents.agents()) {
                    call.send(AgentMessages.summary(agent));
                }
            });
        }

        @Override
        public void getGaps(GetGapsRequest request, StreamObserver<GapReport> responses) {
            answer(responses, (call, scope) -> call.send(gaps(request.getAgent())));
        }

        @Override
        public void listDeadLetters(ListDeadLettersRequest request, StreamObserver<DeadLetter> responses) {
            answer(responses, (call, scope) -> sendLetters(request, call));
        }
    }
}
