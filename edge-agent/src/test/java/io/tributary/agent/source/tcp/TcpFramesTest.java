package io.tributary.agent.source.tcp;

import static io.tributary.agent.source.tcp.TcpFixture.frame;
import static io.tributary.agent.source.tcp.TcpFixture.options;
import static io.tributary.agent.source.tcp.TcpFixture.reply;
import static io.tributary.agent.source.tcp.TcpFixture.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.model.Table;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.FrameReply;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages behind their length, and their answers. */
final class TcpFramesTest {
    private static final String JSON_ROW = "{\"id\":\"d\",\"temp\":%d}";

    private TcpFixture tcp = new TcpFixture();

    @AfterEach
    void close() throws Exception {
        tcp.close();
    }

    private void restart(long seed, double refusals) throws Exception {
        tcp.close();
        tcp = new TcpFixture(seed, refusals);
    }

    @Test
    void frames_areAnsweredInOrder() throws Exception {
        Socket socket = tcp.frames();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        for (int i = 1; i <= 200; i++) {
            send(out, frame(i, i).toByteArray());
        }
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int i = 1; i <= 200; i++) {
            FrameReply reply = reply(in);
            assertThat(reply.getId()).isEqualTo(i);
            assertThat(reply.getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
            assertThat(reply.getReadings()).isEqualTo(1);
        }
        assertThat(tcp.intake.readings()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void frames_acceptedAreTaken_retriedAreNot_andTheirOrderHolds(long seed) throws Exception {
        restart(seed, 0.2);
        Socket socket = tcp.frames();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        List<Long> waiting = new ArrayList<>();
        for (long id = 1; id <= 300; id++) {
            waiting.add(id);
        }
        long accepted = 0;
        SplittableRandom random = new SplittableRandom(seed);
        while (!waiting.isEmpty()) {
            int window = random.nextInt(1, 20);
            List<Long> sent = List.copyOf(waiting.subList(0, Math.min(window, waiting.size())));
            for (long id : sent) {
                send(out, frame(id, id).toByteArray());
            }
            for (long id : sent) {
                FrameReply reply = reply(in);
                assertThat(reply.getId()).isEqualTo(id);
                if (reply.getResult() == FrameReply.Result.ACCEPTED) {
                    accepted++;
                    waiting.remove(id);
                } else {
                    assertThat(reply.getResult()).isEqualTo(FrameReply.Result.RETRY);
                }
            }
        }
        assertThat(accepted).isEqualTo(300);
        assertThat(tcp.intake.readings()).isEqualTo(300);
    }

    @Test
    void batchFrame_isTakenWithEdgeTimesLeftToTheAgent() throws Exception {
        Batch batch = new BatchBuilder()
                .row(Device.of("g"), 5, 77)
                .set("a", 1L)
                .row(Device.of("g"), 6, 77)
                .set("a", 2L)
                .build();
        Socket socket = tcp.frames();
        Frame frame = Frame.newBuilder()
                .setId(9)
                .setBatch(com.google.protobuf.ByteString.copyFrom(BatchCodec.encode(batch)))
                .build();
        send(new DataOutputStream(socket.getOutputStream()), frame.toByteArray());
        assertThat(reply(new DataInputStream(socket.getInputStream())).getReadings())
                .isEqualTo(2);
        Table table = tcp.intake.taken().get(0).tables().get(0);
        assertThat(table.eventTimes()).containsExactly(5, 6);
        assertThat(table.edgeTimes()).containsExactly(0, 0);
    }

    @Test
    void garbageFrame_isADeadLetter_andTheNextFrameIsTaken() throws Exception {
        Socket socket = tcp.frames();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        send(out, "this is no protobuf".getBytes(StandardCharsets.UTF_8));
        send(out, frame(2, 2).toByteArray());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.REJECTED);
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        assertThat(tcp.intake.letters()).hasSize(1).allMatch(each -> each.startsWith("malformed-frame: not a Frame"));
    }

    @Test
    void frameWithABadName_isRejectedWithItsId() throws Exception {
        Socket socket = tcp.frames();
        Frame frame = Frame.newBuilder()
                .setId(4)
                .addDevices(DeviceSamples.newBuilder()
                        .setDevice("a\nb")
                        .addSamples(Sample.newBuilder()
                                .addValues(
                                        SampleValue.newBuilder().setChannel("c").setBoolValue(true))))
                .build();
        send(new DataOutputStream(socket.getOutputStream()), frame.toByteArray());
        FrameReply reply = reply(new DataInputStream(socket.getInputStream()));
        assertThat(reply.getId()).isEqualTo(4);
        assertThat(reply.getMessage()).contains("device ID \"a?b\" has control character U+000A");
    }

    @Test
    void oversizedFrame_isToldAndEndsTheConnection() throws Exception {
        Socket socket = tcp.frames();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        send(out, frame(1, 1).toByteArray());
        out.writeInt(Integer.MAX_VALUE);
        out.write(new byte[1000]);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        assertThat(reply(in).getMessage()).isEqualTo("frame of 2147483647 bytes, expected at most 1048576");
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void halfClosed_stillHearsItsAnswers() throws Exception {
        Socket socket = tcp.frames();
        send(new DataOutputStream(socket.getOutputStream()), frame(1, 1).toByteArray());
        socket.shutdownOutput();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void framesOfJson_areAnsweredByTheirCount() throws Exception {
        Socket socket = tcp.connect(tcp.frames(options(1024, 10), TcpFixture.json()));
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        send(out, JSON_ROW.formatted(1).getBytes(StandardCharsets.UTF_8));
        send(out, new byte[] {'{'});
        send(out, JSON_ROW.formatted(2).getBytes(StandardCharsets.UTF_8));
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        FrameReply second = reply(in);
        assertThat(second.getId()).isEqualTo(2);
        assertThat(second.getResult()).isEqualTo(FrameReply.Result.REJECTED);
        assertThat(reply(in).getId()).isEqualTo(3);
        assertThat(tcp.intake.readings()).isEqualTo(2);
    }
}
