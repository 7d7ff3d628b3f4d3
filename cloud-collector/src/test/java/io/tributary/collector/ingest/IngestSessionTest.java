package io.tributary.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.ClockReply;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Delivery;
import io.tributary.proto.v1.IngestGrpc;
import io.tributary.proto.v1.RetryAfter;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hellos, takeovers, refusals, limits and the end of sessions, over a real connection. */
class IngestSessionTest {
    private static final long NOW = IngestFixture.NOW_NS;
    private static final byte[] BATCH = IngestFixture.batch("d1", NOW - 1_000_000_000_000L, 10);

    private final FakeBatchWriter writer = new FakeBatchWriter();
    private IngestFixture fixture = new IngestFixture(writer, writer);

    @AfterEach
    void close() {
        fixture.close();
        writer.close();
    }

    @Test
    void welcome_tellsWhatIsReceivedAndTheLimits() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BATCH);
            agent.deliver(40, BATCH);
            agent.awaitAcknowledged(40, 20);
            agent.awaitAcknowledged(0, 20);
        }
        try (TestAgent again = TestAgent.greeted(fixture.port(), "a1", 1, 60)) {
            assertThat(again.welcome().getReceivedList())
                    .extracting(range -> new SequenceRange(range.getFirst(), range.getCount()))
                    .containsExactly(new SequenceRange(0, 20), new SequenceRange(40, 20));
            assertThat(again.welcome().getCollector()).isEqualTo("collector-1");
            assertThat(again.welcome().getBatchBytesMax()).isEqualTo(64 << 10);
            assertThat(again.welcome().getCreditBytes()).isEqualTo(8 << 20);
        }
    }

    @Test
    void firstMessageOtherThanHello_endsTheStream() {
        try (TestAgent agent = new TestAgent(fixture.port())) {
            agent.deliver(0, BATCH);
            assertEnd(agent, Status.Code.INVALID_ARGUMENT, "DELIVERY, expected HELLO");
        }
        assertThat(writer.storedReadings()).isZero();
    }

    @Test
    void secondHello_endsTheStream() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.hello("a1", 1, 0, 0);
            assertEnd(agent, Status.Code.INVALID_ARGUMENT, "only as the first");
        }
    }

    @Test
    void badHellos_areRefusedWithTheReason() {
        assertHelloRefused("", 1, 0, 0, Status.Code.INVALID_ARGUMENT, "agent ID");
        assertHelloRefused("a\u0007b", 1, 0, 0, Status.Code.INVALID_ARGUMENT, "control character");
        assertHelloRefused("a1", -1, 0, 0, Status.Code.INVALID_ARGUMENT, "epoch");
        assertHelloRefused("a1", 1, 5, 6, Status.Code.INVALID_ARGUMENT, "oldest <= next");
        assertHelloRefused("a1", 1, -5, 0, Status.Code.INVALID_ARGUMENT, "oldest <= next");
    }

    @Test
    void outboxThatWentBack_isRefused() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BATCH);
            agent.awaitAcknowledged(0, 20);
        }
        assertHelloRefused("a1", 1, 19, 0, Status.Code.FAILED_PRECONDITION, "went back in time");
        TestAgent.greeted(fixture.port(), "a1", 2, 19).close();
    }

    @Test
    void garbageAsFirstMessage_endsThatStreamOnly() throws Exception {
        try (TestAgent good = fixture.agent("good")) {
            assertThat(sendRaw(new byte[] {(byte) 0xff, 1, 2, 3, (byte) 0xff}).getCode())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
            good.deliver(0, BATCH);
            good.awaitAcknowledged(0, 20);
        }
        await().until(() -> fixture.metric("tributary_collector_ingest_streams") == 0);
    }

    @Test
    void garbageOnTheSocket_closesThatConnectionOnly() throws IOException {
        try (TestAgent good = fixture.agent("good");
                Socket socket = new Socket("127.0.0.1", fixture.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            socket.setSoTimeout(20_000);
            while (socket.getInputStream().read() >= 0) {
                // until the server hangs up
            }
            good.deliver(0, BATCH);
            good.awaitAcknowledged(0, 20);
        }
    }

    @Test
    void oversizedMessage_endsTheStreamBeforeItIsRead() throws Exception {
        byte[] delivery = AgentMessage.newBuilder()
                .setDelivery(Delivery.newBuilder().setBatch(ByteString.copyFrom(new byte[80 << 10])))
                .build()
                .toByteArray();
        assertThat(sendRaw(delivery).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void deliveryWithoutAnyCount_endsTheStream() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, 0, new byte[] {1, 2, 3});
            assertEnd(agent, Status.Code.INVALID_ARGUMENT, "reading_count");
        }
    }

    @Test
    void deliveryBeyondTheSequences_endsTheStream() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(Long.MAX_VALUE - 3, 20, BATCH);
            assertEnd(agent, Status.Code.INVALID_ARGUMENT, "sequence range");
        }
    }

    @Test
    void lossOfWhatWasNeverAccepted_endsTheStream() {
        try (TestAgent agent = TestAgent.greeted(fixture.port(), "a1", 1, 10)) {
            agent.lose(5, 6, "disk-full");
            assertEnd(agent, Status.Code.INVALID_ARGUMENT, "expected sequences below the next one, 10");
        }
    }

    @Test
    void creditOverrun_endsTheStream() {
        fixture.close();
        fixture = new IngestFixture(writer, writer, IngestFixture.options(10, 64 << 10, 64 << 20, 1000, 1000));
        writer.pause();
        byte[] noise = new byte[40 << 10];
        try (TestAgent agent = fixture.agent("a1")) {
            assertThat(agent.welcome().getCreditBytes()).isEqualTo(64 << 10);
            agent.deliver(0, 10, noise);
            agent.deliver(10, 10, noise);
            assertEnd(agent, Status.Code.RESOURCE_EXHAUSTED, "expected at most 65536 bytes together");
        }
        writer.resume();
        await().until(() -> fixture.metric("tributary_collector_ingest_in_flight_bytes") == 0);
    }

    @Test
    void laterSessionOfTheSameAgent_takesOver() {
        try (TestAgent first = fixture.agent("a1");
                TestAgent second = fixture.agent("a1")) {
            assertEnd(first, Status.Code.ABORTED, "another session");
            second.deliver(0, BATCH);
            second.awaitAcknowledged(0, 20);
            assertThat(fixture.metric("tributary_collector_ingest_sessions")).isEqualTo(1);
            assertThat(Objects.requireNonNull(fixture.directory.agent("a1")).connected())
                    .isTrue();
        }
        await().until(() ->
                !Objects.requireNonNull(fixture.directory.agent("a1")).connected());
    }

    @Test
    void tooManyAgents_areToldToComeBack() {
        fixture.close();
        fixture = new IngestFixture(writer, writer, IngestFixture.options(1, 1 << 20, 2 << 20, 1000, 1000));
        try (TestAgent first = fixture.agent("a1");
                TestAgent second = new TestAgent(fixture.port())) {
            second.hello("a2", 1, 0, 0);
            RetryAfter retry =
                    second.first(CollectorMessage.MessageCase.RETRY_AFTER).getRetryAfter();
            assertThat(retry.getDelayMillis()).isBetween(1_000L, 60_000L);
            assertThat(retry.getReason()).contains("expected at most 1");
            assertThat(second.end().isOk()).isTrue();
            assertThat(first.ended()).isFalse();
        }
    }

    @Test
    void connectionsAboveTheLimit_areClosedAtOnce() {
        fixture.close();
        io.tributary.collector.rpc.RpcServer small = new io.tributary.collector.rpc.RpcServer(
                IngestFixture.rpcOptions(1),
                java.util.List.of(),
                java.util.List.of(),
                null,
                System::nanoTime,
                new io.prometheus.metrics.model.registry.PrometheusRegistry());
        try {
            small.start(1 << 16);
            try (Socket one = new Socket("127.0.0.1", small.port())) {
                one.setSoTimeout(20_000);
                settle(one);
                try (Socket two = new Socket("127.0.0.1", small.port())) {
                    two.setSoTimeout(20_000);
                    assertThat(hungUp(two)).isTrue();
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            small.close(100);
        }
        fixture = new IngestFixture(writer, writer);
    }

    @Test
    void connectionsThatSayNothing_giveWay() throws IOException {
        fixture.close();
        io.prometheus.metrics.model.registry.PrometheusRegistry metrics =
                new io.prometheus.metrics.model.registry.PrometheusRegistry();
        io.tributary.collector.rpc.RpcServer small = new io.tributary.collector.rpc.RpcServer(
                IngestFixture.rpcOptions(2), java.util.List.of(), java.util.List.of(), null, System::nanoTime, metrics);
        small.start(1 << 16);
        try (Socket one = new Socket("127.0.0.1", small.port());
                Socket two = new Socket("127.0.0.1", small.port());
                Socket three = new Socket("127.0.0.1", small.port())) {
            for (Socket each : new Socket[] {one, two, three}) {
                each.setSoTimeout(20_000);
            }
            assertThat(three.getInputStream().read()).isGreaterThanOrEqualTo(0);
            // HTTP/2 settings may have been sent before the end.
            int end = one.getInputStream().read(new byte[1000]);
            while (end > 0) {
                end = one.getInputStream().read(new byte[1000]);
            }
            assertThat(end).isEqualTo(-1);
            assertThat(two.getInputStream().read()).isGreaterThanOrEqualTo(0);
        } finally {
            small.close(100);
        }
        fixture = new IngestFixture(writer, writer);
    }

    @Test
    void clockProbe_isAnsweredWithTheTimesOfArrivalAndSending() {
        try (TestAgent agent = fixture.agent("a1")) {
            fixture.wallNs.set(NOW + 5);
            agent.probe(42);
            ClockReply reply =
                    agent.first(CollectorMessage.MessageCase.CLOCK_REPLY).getClockReply();
            assertThat(reply.getT1Ns()).isEqualTo(42);
            assertThat(reply.getT2Ns()).isEqualTo(NOW + 5);
            assertThat(reply.getT3Ns()).isEqualTo(NOW + 5);
        }
    }

    @Test
    void noHello_endsTheStreamInTime() {
        try (TestAgent agent = new TestAgent(fixture.port())) {
            await().until(() -> fixture.metric("tributary_collector_ingest_streams") == 1);
            fixture.monotonicNs.addAndGet(TimeUnit.SECONDS.toNanos(11));
            assertEnd(agent, Status.Code.DEADLINE_EXCEEDED, "no hello within 10000 ms");
        }
    }

    @Test
    void silence_endsTheStreamUnlessSomethingIsInFlight() {
        writer.pause();
        try (TestAgent idle = fixture.agent("a1");
                TestAgent waiting = fixture.agent("a2")) {
            waiting.deliver(0, BATCH);
            await().until(() -> writer.heldAppends() == 1);
            fixture.monotonicNs.addAndGet(TimeUnit.SECONDS.toNanos(61));
            assertEnd(idle, Status.Code.DEADLINE_EXCEEDED, "no message for 60000 ms");
            writer.resume();
            waiting.awaitAcknowledged(0, 20);
        }
    }

    @Test
    void drain_finishesWhatIsInFlightAndSendsAgentsAway() throws Exception {
        writer.pause();
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BATCH);
            await().until(() -> writer.heldAppends() == 1);
            Thread drain = new Thread(fixture.endpoint::drain, "test-drain");
            drain.start();
            await().until(() -> {
                try (TestAgent late = new TestAgent(fixture.port())) {
                    late.hello("late", 1, 0, 0);
                    await().until(late::ended);
                    return late.heard().stream().anyMatch(CollectorMessage::hasRetryAfter);
                }
            });
            assertThat(agent.ended()).isFalse();
            writer.resume();
            drain.join(20_000);
            assertThat(drain.isAlive()).isFalse();
            assertThat(agent.end().isOk()).isTrue();
            assertThat(agent.isAcknowledged(0, 20)).isTrue();
            assertThat(agent.first(CollectorMessage.MessageCase.RETRY_AFTER)
                            .getRetryAfter()
                            .getReason())
                    .contains("shutting down");
        }
    }

    @Test
    void goodbye_isAnsweredAfterTheLastAcknowledgement() {
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BATCH);
            agent.complete();
            assertThat(agent.end().isOk()).isTrue();
            assertThat(agent.isAcknowledged(0, 20)).isTrue();
        }
    }

    @Test
    void failingWriter_acknowledgesNothingSendsAgentsAwayAndRecovers() {
        writer.setFault(() -> new IOException("No space left on device"));
        try (TestAgent agent = fixture.agent("a1")) {
            agent.deliver(0, BATCH);
            assertThat(agent.end().isOk()).isTrue();
            assertThat(agent.acknowledgements()).isEmpty();
            assertThat(agent.first(CollectorMessage.MessageCase.RETRY_AFTER)
                            .getRetryAfter()
                            .getReason())
                    .isEqualTo("storage cannot write");
        }
        assertThat(fixture.endpoint.health().failure()).isEqualTo("No space left on device");
        try (TestAgent tooEarly = new TestAgent(fixture.port())) {
            tooEarly.hello("a2", 1, 0, 0);
            tooEarly.first(CollectorMessage.MessageCase.RETRY_AFTER);
        }

        writer.setFault(() -> null);
        fixture.monotonicNs.addAndGet(TimeUnit.SECONDS.toNanos(2));
        try (TestAgent agent = TestAgent.greeted(fixture.port(), "a1", 1, 20)) {
            agent.deliver(0, BATCH);
            agent.awaitAcknowledged(0, 20);
        }
        assertThat(fixture.endpoint.health().failure()).isNull();
    }

    // ---- ways of being hostile ----

    private void assertHelloRefused(
            String agent, long epoch, long next, long oldest, Status.Code code, String description) {
        try (TestAgent client = new TestAgent(fixture.port())) {
            client.hello(agent, epoch, next, oldest);
            assertEnd(client, code, description);
        }
    }

    private static void assertEnd(TestAgent agent, Status.Code code, String description) {
        Status end = agent.end();
        assertThat(end.getCode()).as("%s", end).isEqualTo(code);
        assertThat(end.getDescription()).contains(description);
    }

    /** Speaks HTTP/2 until the server has shown that it read what was said: its own settings come before that. */
    private static void settle(Socket socket) throws IOException {
        byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        byte[] ping = {0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
        OutputStream out = socket.getOutputStream();
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.write(settings);
        out.write(ping);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] header = new byte[9];
        do {
            in.readFully(header);
            in.skipNBytes((header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff));
        } while (header[3] != 6 || (header[4] & 1) == 0);
    }

    private static boolean hungUp(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    /** One message of these bytes on a stream of its own; the status at the end. */
    private Status sendRaw(byte[] bytes) throws InterruptedException {
        MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(IngestGrpc.getConnectMethod().getFullMethodName())
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", fixture.port())
                .usePlaintext()
                .build();
        CountDownLatch closed = new CountDownLatch(1);
        Status[] end = new Status[1];
        try {
            ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            end[0] = status;
                            closed.countDown();
                        }
                    },
                    new Metadata());
            call.request(10);
            call.sendMessage(bytes);
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            channel.shutdownNow();
        }
        return Objects.requireNonNull(end[0]);
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
