package io.tributary.collector.rpc;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.storage.ErasureControl;
import io.tributary.collector.storage.ErasureRequest;
import io.tributary.collector.storage.ErasureStatus;
import io.tributary.collector.storage.StorageException;
import io.tributary.collector.subscribe.Bookmark;
import io.tributary.collector.subscribe.StreamRequest;
import io.tributary.collector.subscribe.SubscribeException;
import io.tributary.collector.subscribe.Subscription;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.proto.v1.BookmarkState;
import io.tributary.proto.v1.CommitBookmarkRequest;
import io.tributary.proto.v1.DeleteBookmarkReply;
import io.tributary.proto.v1.DeleteBookmarkRequest;
import io.tributary.proto.v1.EraseRequest;
import io.tributary.proto.v1.ErasureState;
import io.tributary.proto.v1.ListBookmarksRequest;
import io.tributary.proto.v1.ListErasuresRequest;
import io.tributary.proto.v1.StreamGrpc;
import io.tributary.proto.v1.SubscribeEvent;
import io.tributary.proto.v1.SubscribeRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Stream service of stream.proto. A subscriber has a thread, which waits for the log and for its client. */
public final class StreamService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamService.class);
    private static final int THREADS_MAX = 64;
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

    private final Subscriptions subscriptions;
    private final ErasureControl erasures;
    private final @Nullable TokenCalls access;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0,
            THREADS_MAX,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new DefaultThreadFactory("grpc-stream", true));
    private final ThreadPoolExecutor callbacks = new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(10_000),
            new DefaultThreadFactory("grpc-stream-call", true));

    /** @param access asked at every call; null for everybody */
    public StreamService(Subscriptions subscriptions, ErasureControl erasures, @Nullable TokenCalls access) {
        this.access = access;
        this.subscriptions = subscriptions;
        this.erasures = erasures;
        callbacks.allowCoreThreadTimeOut(true);
    }

    /** For {@link RpcServer}. */
    public RpcService service() {
        ServerServiceDefinition calls = new Calls().bindService();
        return new RpcService(access == null ? calls : ServerInterceptors.intercept(calls, access), callbacks);
    }

    /** Interrupts whatever still runs. May be called twice. */
    @Override
    public void close() {
        threads.shutdownNow();
        callbacks.shutdown();
    }

    private interface Answer<T> {
        void to(PacedCall<T> call) throws IOException, InterruptedException;
    }

    private <T> void answer(StreamObserver<T> responses, Answer<T> answer) {
        PacedCall<T> call = new PacedCall<>((ServerCallStreamObserver<T>) responses, STALL_TIMEOUT.toNanos());
        try {
            threads.execute(() -> run(call, answer));
        } catch (RejectedExecutionException e) {
            call.fail(Status.UNAVAILABLE
                    .withDescription(THREADS_MAX + " calls are being answered, try again later")
                    .asRuntimeException());
        }
    }

    private static <T> void run(PacedCall<T> call, Answer<T> answer) {
        try {
            answer.to(call);
            call.complete();
        } catch (SubscribeException e) {
            Status status = switch (e.kind()) {
                case INVALID -> Status.INVALID_ARGUMENT;
                case UNKNOWN -> Status.NOT_FOUND;
                case IN_USE -> Status.FAILED_PRECONDITION;
                case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
                case CLOSING -> Status.UNAVAILABLE;
            };
            call.fail(status.withDescription(e.getMessage()).asRuntimeException());
        } catch (StatusRuntimeException e) {
            call.fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            call.fail(Status.UNAVAILABLE
                    .withDescription("the collector is closing")
                    .asRuntimeException());
        } catch (StorageException e) {
            LOG.error("a call failed", e);
            call.fail(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
        } catch (IOException | RuntimeException e) {
            LOG.error("a call failed", e);
            call.fail(Status.INTERNAL
                    .withDescription("this is a fault of the collector; its log says more")
                    .asRuntimeException());
        }
    }

    private void subscribe(SubscribeRequest request, PacedCall<SubscribeEvent> call)
            throws IOException, InterruptedException {
        long from = request.getFromNs();
        StreamRequest wanted = new StreamRequest(
                request.getDevice().isEmpty() ? Glob.ALL : new Glob(request.getDevice()),
                request.getChannelsList().stream().map(Glob::new).toList(),
                request.getPosition().isEmpty() ? null : request.getPosition(),
                request.getBookmark().isEmpty() ? null : request.getBookmark(),
                request.getAutoCommit(),
                from == 0 ? null : Long.valueOf(from));
        try (Subscription subscription = subscriptions.open(wanted)) {
            call.onCancel(subscription::cancel);
            StreamEvents events = new StreamEvents(
                    call::send, (int) subscriptions.limits().eventBytesMax().bytes());
            events.heartbeat(subscription.position());
            while (!subscription.isCancelled()) {
                if (!subscription.poll(events)) {
                    events.heartbeat(subscription.position());
                }
            }
        }
    }

    private BookmarkState commit(CommitBookmarkRequest request) {
        return state(subscriptions.commit(
                request.getName(), request.getPosition().isEmpty() ? null : request.getPosition()));
    }

    private BookmarkState state(Bookmark bookmark) {
        return BookmarkState.newBuilder()
                .setName(bookmark.name())
                .setPosition(bookmark.position().token())
                .setUpdatedNs(bookmark.updatedNs())
                .setLagRecords(subscriptions.behind(bookmark))
                .build();
    }

    private ErasureState erase(EraseRequest request) {
        try {
            List<String> channels = request.getChannelsList();
            ErasureStatus status = erasures.erase(new ErasureRequest(
                    request.getDevice(),
                    channels,
                    request.getPatterns(),
                    request.getFromNs(),
                    request.getToNs() == 0 ? Long.MAX_VALUE : request.getToNs()));
            return state(status);
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException();
        }
    }

    private static ErasureState state(ErasureStatus status) {
        return ErasureState.newBuilder()
                .setId(status.id())
                .setCollectorTimeNs(status.collectorTimeNs())
                .setStage(status.stage().name().toLowerCase(Locale.ROOT))
                .setReadings(status.readings())
                .setChunks(status.chunks())
                .build();
    }

    /** The generated entry points. */
    private final class Calls extends StreamGrpc.StreamImplBase {
        @Override
        public void subscribe(SubscribeRequest request, StreamObserver<SubscribeEvent> responses) {
            answer(responses, call -> StreamService.this.subscribe(request, call));
        }

        @Override
        public void commitBookmark(CommitBookmarkRequest request, StreamObserver<BookmarkState> responses) {
            answer(responses, call -> call.send(commit(request)));
        }

        @Override
        public void erase(EraseRequest request, StreamObserver<ErasureState> responses) {
            answer(responses, call -> call.send(StreamService.this.erase(request)));
        }

        @Override
        public void listBookmarks(ListBookmarksRequest request, StreamObserver<BookmarkState> responses) {
            answer(responses, call -> subscriptions.bookmarks().forEach(bookmark -> call.send(state(bookmark))));
        }

        @Override
        public void deleteBookmark(DeleteBookmarkRequest request, StreamObserver<DeleteBookmarkReply> responses) {
            answer(responses, call -> {
                subscriptions.delete(request.getName());
                call.send(DeleteBookmarkReply.getDefaultInstance());
            });
        }

        @Override
        public void listErasures(ListErasuresRequest request, StreamObserver<ErasureState> responses) {
            answer(
                    responses,
                    call -> erasures.list(TokenCalls.limit(request.getLimit()), request.getAfter())
                            .forEach(status -> call.send(state(status))));
        }
    }
}
