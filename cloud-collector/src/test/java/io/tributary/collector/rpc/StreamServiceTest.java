package io.tributary.collector.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.Waiting;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.collector.subscribe.StreamLimits;
import io.tributary.collector.subscribe.Subscriptions;
import io.tributary.config.ByteSize;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.proto.v1.BookmarkState;
import io.tributary.proto.v1.CommitBookmarkRequest;
import io.tributary.proto.v1.DeleteBookmarkRequest;
import io.tributary.proto.v1.EraseRequest;
import io.tributary.proto.v1.ErasureState;
import io.tributary.proto.v1.ListBookmarksRequest;
import io.tributary.proto.v1.ListErasuresRequest;
import io.tributary.proto.v1.ReadingBlock;
import io.tributary.proto.v1.StreamGrpc;
import io.tributary.proto.v1.StreamGrpc.StreamBlockingStub;
import io.tributary.proto.v1.SubscribeEvent;
import io.tributary.proto.v1.SubscribeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions and erasures over gRPC, on a real store. */
@SuppressWarnings("NullAway.Init")
final class StreamServiceTest {
    private static final long T0 = 1_700_000_000_000_000_000L;
    private static final InstantSource CLOCK = () -> Instant.ofEpochSecond(0, T0);

    @TempDir
    Path directory;

    private TimeSeriesEngine engine;
    private Subscriptions subscriptions;
    private StreamService streams;
    private RpcServer server;
    private ManagedChannel channel;
    private long sequence;

    @BeforeEach
    void start() throws IOException {
        engine = TimeSeriesEngine.open(directory, EngineOptions.DEFAULT, CLOCK, new PrometheusRegistry());
        subscriptions = new Subscriptions(
                engine.log(),
                engine.states("bookmark"),
                new StreamLimits(2, 10, Duration.ofMillis(200), ByteSize.parse("1KiB")),
                CLOCK,
                System::nanoTime,
                new PrometheusRegistry());
        subscriptions.start();
        streams = new StreamService(subscriptions, engine.erasures(), null);
        server = LoopbackRpc.of(streams.service(), new PrometheusRegistry());
        server.start(1 << 20);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        subscriptions.close();
        channel.shutdownNow();
        channel.awaitTermination(10, TimeUnit.SECONDS);
        server.close(100);
        streams.close();
        engine.close();
    }

    private StreamBlockingStub stub() {
        return StreamGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private void append(String device, int rows) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < rows; i++) {
            long event = T0 + (sequence + i) * 1_000_000_000L;
            builder.row(Device.of(device), event, event).set("t", (double) (sequence + i));
        }
        Batch batch = builder.build();
        Waiting done = new Waiting();
        Append append = new Append(
                new Origin("agent", 1),
                sequence,
                batch.readingCount(),
                batch,
                null,
                BatchCodec.encode(batch),
                List.of());
        engine.writer().append(append, done);
        sequence += batch.readingCount();
        done.join();
    }

    /** Takes events until so many values have come and a position with them. */
    private static String take(Iterator<SubscribeEvent> events, int count, List<Double> values) {
        String position = "";
        while (values.size() < count || position.isEmpty()) {
            SubscribeEvent event = events.next();
            for (ReadingBlock block : event.getBlocksList()) {
                values.addAll(block.getDoublesList());
            }
            position = event.getPosition();
        }
        return position;
    }

    @Test
    void subscribe_givesBlocks_andGoesOnFromAPosition() {
        append("a", 100);
        append("b", 1);
        List<Double> values = new ArrayList<>();
        Iterator<SubscribeEvent> events = stub().subscribe(SubscribeRequest.newBuilder()
                .setDevice("a")
                .setFromNs(Long.MIN_VALUE)
                .setBookmark("mine")
                .build());
        String position = take(events, 100, values);
        assertThat(values).hasSize(100).startsWith(0.0, 1.0).endsWith(99.0);
        append("a", 1);
        take(events, 101, values);
        assertThat(values).endsWith(101.0);
        List<Double> again = new ArrayList<>();
        take(
                stub().subscribe(SubscribeRequest.newBuilder()
                        .setDevice("a")
                        .setPosition(position)
                        .build()),
                1,
                again);
        assertThat(again).containsExactly(101.0);
        assertThat(stub().commitBookmark(CommitBookmarkRequest.newBuilder()
                                .setName("mine")
                                .setPosition(position)
                                .build())
                        .getLagRecords())
                .isPositive();
    }

    @Test
    void bookmarksAndErasures_areListed() {
        append("a", 3);
        stub().commitBookmark(CommitBookmarkRequest.newBuilder().setName("one").build());
        append("a", 1);
        List<BookmarkState> marks = new ArrayList<>();
        stub().listBookmarks(ListBookmarksRequest.getDefaultInstance()).forEachRemaining(marks::add);
        assertThat(marks).singleElement().satisfies(mark -> {
            assertThat(mark.getName()).isEqualTo("one");
            assertThat(mark.getLagRecords()).isEqualTo(1);
        });
        DeleteBookmarkRequest one =
                DeleteBookmarkRequest.newBuilder().setName("one").build();
        assertThat(stub().deleteBookmark(one)).isNotNull();
        assertThat(stub().listBookmarks(ListBookmarksRequest.getDefaultInstance())
                        .hasNext())
                .isFalse();
        assertThatThrownBy(() -> stub().deleteBookmark(one)).hasMessageContaining("NOT_FOUND");

        ErasureState erasure = stub().erase(EraseRequest.newBuilder()
                .setDevice("a")
                .setFromNs(Long.MIN_VALUE)
                .build());
        List<ErasureState> erasures = new ArrayList<>();
        stub().listErasures(ListErasuresRequest.getDefaultInstance()).forEachRemaining(erasures::add);
        assertThat(erasures).singleElement().satisfies(listed -> {
            assertThat(listed.getId()).isEqualTo(erasure.getId());
            assertThat(listed.getReadings()).isEqualTo(4);
        });
        assertThat(stub().listErasures(ListErasuresRequest.newBuilder()
                                .setAfter(erasure.getId())
                                .build())
                        .hasNext())
                .isFalse();
    }

    @Test
    void refusals_sayWhy() {
        assertThatThrownBy(() -> stub().subscribe(SubscribeRequest.newBuilder()
                                .setPosition("nonsense")
                                .build())
                        .next())
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThatThrownBy(() -> stub().erase(EraseRequest.getDefaultInstance()))
                .hasMessageContaining("device is empty");
    }

    @Test
    void erase_answersWhatItHid() {
        append("a", 3);
        ErasureState state = stub().erase(EraseRequest.newBuilder()
                .setDevice("a")
                .setFromNs(Long.MIN_VALUE)
                .build());
        assertThat(state.getReadings()).isEqualTo(3);
        assertThat(state.getStage()).isEqualTo("hidden");
        assertThat(engine.reader().latest("a", null)).isEmpty();
    }

    @Test
    void closing_endsTheStreams() {
        Iterator<SubscribeEvent> events = stub().subscribe(SubscribeRequest.getDefaultInstance());
        assertThat(events.next().getPosition()).isNotEmpty();
        subscriptions.close();
        while (events.hasNext()) {
            assertThat(events.next().getBlocksList()).isEmpty();
        }
    }
}
