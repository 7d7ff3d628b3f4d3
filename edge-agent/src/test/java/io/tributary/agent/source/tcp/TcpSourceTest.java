package io.tributary.agent.source.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.decode.DecodeMetrics;
import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.decode.Precision;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.FrameReader;
import io.tributary.agent.source.LineReader;
import io.tributary.agent.source.SourceGuard;
import io.tributary.agent.source.TestCertificates;
import io.tributary.config.ConfigReader;
import io.tributary.config.HostPort;
import io.tributary.http.AccessControl;
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
import io.tributary.tls.TlsFiles;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TcpSourceTest {
    private static final HostPort ANY = new HostPort("127.0.0.1", 0);
    private static final DecoderConfig LINE_PROTOCOL =
            new DecoderConfig.Lines(new LineMapping("device", "{field}", Precision.NS));
    private static final SystemClock CLOCK = new SystemClock();

    private final List<AutoCloseable> open = new ArrayList<>();
    private FlakyIntake intake = new FlakyIntake(1, 0);

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    private static TcpOptions options(int messageBytesMax, int connectionsMax) {
        return new TcpOptions(
                "test",
                ANY,
                null,
                Durability.SYNCED,
                messageBytesMax,
                connectionsMax,
                Duration.ofSeconds(10),
                Duration.ofMinutes(1));
    }

    private static DecoderContext decoding() {
        return new DecoderContext("test", CLOCK, new DecodeMetrics(new PrometheusRegistry()), RebirthListener.NONE);
    }

    private TcpSource frames(TcpOptions options) {
        return frames(options, new DecoderConfig.Frames());
    }

    private TcpSource frames(TcpOptions options, DecoderConfig decode) {
        return TcpSource.frames(
                options,
                FrameReader.of("test", decode, decoding()),
                new ArrivalStamps(CLOCK),
                intake,
                SourceGuard.NONE,
                CLOCK::monotonicNs,
                new TcpMetrics(new PrometheusRegistry()));
    }

    private TcpSource lines(TcpOptions options, DecoderConfig decode) {
        return TcpSource.lines(
                options,
                LineReader.ofLines("test", decode, decoding()),
                new ArrivalStamps(CLOCK),
                intake,
                SourceGuard.NONE,
                CLOCK::monotonicNs,
                new TcpMetrics(new PrometheusRegistry()));
    }

    private Socket frames() throws IOException {
        return connect(frames(options(1 << 20, 10)));
    }

    private Socket lines() throws IOException {
        return connect(lines(options(1024, 10), LINE_PROTOCOL));
    }

    private Socket connect(TcpSource source) throws IOException {
        source.start();
        open.add(source);
        return connect(source.endpoint());
    }

    private Socket connect(String endpoint) throws IOException {
        HostPort at = HostPort.parse(endpoint);
        Socket socket = new Socket(at.host(), at.port());
        socket.setSoTimeout(20_000);
        open.add(socket);
        return socket;
    }

    private static Frame frame(long id, double value) {
        return Frame.newBuilder()
                .setId(id)
                .addDevices(DeviceSamples.newBuilder()
                        .setDevice("d")
                        .addSamples(Sample.newBuilder()
                                .setEventTimeNs(id)
                                .addValues(
                                        SampleValue.newBuilder().setChannel("c").setDoubleValue(value))))
                .build();
    }

    private static void send(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static FrameReply reply(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return FrameReply.parseFrom(bytes);
    }

    // ---- frames ----

    @Test
    void frames_areAnsweredInOrder() throws Exception {
        Socket socket = frames();
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
        assertThat(intake.readings()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void frames_acceptedAreTaken_retriedAreNot_andTheirOrderHolds(long seed) throws Exception {
        intake = new FlakyIntake(seed, 0.2);
        Socket socket = frames();
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
        assertThat(intake.readings()).isEqualTo(300);
    }

    @Test
    void batchFrame_isTakenWithEdgeTimesLeftToTheAgent() throws Exception {
        Batch batch = new BatchBuilder()
                .row(Device.of("g"), 5, 77)
                .set("a", 1L)
                .row(Device.of("g"), 6, 77)
                .set("a", 2L)
                .build();
        Socket socket = frames();
        Frame frame = Frame.newBuilder()
                .setId(9)
                .setBatch(com.google.protobuf.ByteString.copyFrom(BatchCodec.encode(batch)))
                .build();
        send(new DataOutputStream(socket.getOutputStream()), frame.toByteArray());
        assertThat(reply(new DataInputStream(socket.getInputStream())).getReadings())
                .isEqualTo(2);
        Table table = intake.taken().get(0).tables().get(0);
        assertThat(table.eventTimes()).containsExactly(5, 6);
        assertThat(table.edgeTimes()).containsExactly(0, 0);
    }

    @Test
    void garbageFrame_isADeadLetter_andTheNextFrameIsTaken() throws Exception {
        Socket socket = frames();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        send(out, "this is no protobuf".getBytes(StandardCharsets.UTF_8));
        send(out, frame(2, 2).toByteArray());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.REJECTED);
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        assertThat(intake.letters()).hasSize(1).allMatch(each -> each.startsWith("malformed-frame: not a Frame"));
    }

    @Test
    void frameWithABadName_isRejectedWithItsId() throws Exception {
        Socket socket = frames();
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
        Socket socket = frames();
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
        Socket socket = frames();
        send(new DataOutputStream(socket.getOutputStream()), frame(1, 1).toByteArray());
        socket.shutdownOutput();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        assertThat(in.read()).isEqualTo(-1);
    }

    // ---- lines ----

    @Test
    void lines_areCountedAsTheyBecomeSafe() throws Exception {
        Socket socket = lines();
        StringBuilder text = new StringBuilder("# a comment\n\n");
        for (int i = 1; i <= 5000; i++) {
            text.append("weather,device=w")
                    .append(i % 7)
                    .append(" t=")
                    .append(i)
                    .append(".5,n=")
                    .append(i)
                    .append("i ");
            text.append(i).append("\n");
        }
        socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(socket);
        long last = 0;
        while (last < 5002) {
            String line = in.readLine();
            assertThat(line).startsWith("OK ");
            long now = Long.parseLong(line.substring(3));
            assertThat(now).isGreaterThan(last);
            last = now;
        }
        assertThat(intake.readings()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void lines_allArriveOnce_throughAnIntakeThatRefuses(long seed) throws Exception {
        intake = new FlakyIntake(seed, 0.3);
        Socket socket = lines();
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 3000; i++) {
            text.append(i % 100 == 0 ? "broken" : "m,device=d v=" + i + " " + i).append('\n');
        }
        socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(socket);
        int errors = 0;
        for (String line = in.readLine(); !line.equals("OK 3000"); line = in.readLine()) {
            errors += line.startsWith("ERR ") ? 1 : 0;
        }
        assertThat(errors).isEqualTo(30);
        assertThat(intake.readings()).isEqualTo(2970);
        assertThat(intake.letters()).hasSize(30);
        long lastTime = 0;
        for (Batch batch : intake.taken()) {
            for (long time : batch.tables().get(0).eventTimes()) {
                assertThat(time == 0 || time > lastTime).isTrue();
                lastTime = Math.max(lastTime, time);
            }
        }
    }

    @Test
    void malformedLine_isToldWithItsNumber_andADeadLetter() throws Exception {
        Socket socket = lines();
        socket.getOutputStream()
                .write("m,device=a v=1\nm,device=a v=\nm v=1\nm,device=a v=2\n".getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(socket);
        List<String> said = new ArrayList<>();
        for (String line = in.readLine(); ; line = in.readLine()) {
            said.add(line);
            if (line.equals("OK 4")) {
                break;
            }
        }
        assertThat(said)
                .contains(
                        "ERR 2 found the end of the line, expected value of field \"v\", at byte 14",
                        "ERR 3 no tag \"device\", which names the device");
        assertThat(intake.readings()).isEqualTo(2);
        assertThat(intake.letters()).hasSize(2);
    }

    @Test
    void overlongLine_isSkipped() throws Exception {
        Socket socket = lines();
        String text = "m,device=a v=1\n" + "x".repeat(100_000) + "\nm,device=a v=2\n";
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(socket);
        String line = in.readLine();
        boolean told = false;
        for (; !line.equals("OK 3"); line = in.readLine()) {
            told |= line.equals("ERR 2 line is longer than 1024 bytes");
        }
        assertThat(told).isTrue();
        assertThat(intake.readings()).isEqualTo(2);
    }

    @Test
    void lastLineWithoutBreak_isTakenWhenTheDeviceIsThrough() throws Exception {
        Socket socket = lines();
        socket.getOutputStream().write("m,device=a v=1".getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        BufferedReader in = reader(socket);
        assertThat(in.readLine()).isEqualTo("OK 1");
        assertThat(in.readLine()).isNull();
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    // ---- both ----

    @Test
    void connectionsAboveTheLimit_areClosed() throws Exception {
        TcpSource source = frames(options(1024, 1));
        Socket first = connect(source);
        send(new DataOutputStream(first.getOutputStream()), frame(1, 1).toByteArray());
        assertThat(reply(new DataInputStream(first.getInputStream())).getId()).isEqualTo(1);
        Socket second = connect(source.endpoint());
        assertThat(second.getInputStream().read()).isEqualTo(-1);
        first.close();
        await().until(() -> {
            Socket third = connect(source.endpoint());
            send(new DataOutputStream(third.getOutputStream()), frame(3, 3).toByteArray());
            try {
                return reply(new DataInputStream(third.getInputStream())).getId() == 3;
            } catch (IOException e) {
                return false; // the first one's end has not been seen yet
            }
        });
    }

    @Test
    void silentConnections_giveWayToOneMore() throws Exception {
        TcpSource source = lines(options(1024, 2), LINE_PROTOCOL);
        Socket silent = connect(source);
        Socket speaking = connect(source.endpoint());
        speaking.getOutputStream().write("m,device=d t=1\n".getBytes(StandardCharsets.US_ASCII));
        BufferedReader answers = new BufferedReader(new InputStreamReader(speaking.getInputStream()));
        assertThat(answers.readLine()).isEqualTo("OK 1");
        Socket next = connect(source.endpoint());
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
        next.getOutputStream().write("m,device=d t=2\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(new BufferedReader(new InputStreamReader(next.getInputStream())).readLine())
                .isEqualTo("OK 1");
        speaking.getOutputStream().write("m,device=d t=3\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(answers.readLine()).isEqualTo("OK 2");
    }

    @Test
    void tls_answersAndTellsTheEnd(@TempDir Path directory) throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "localhost");
        TlsFiles files = new TlsFiles(certificates.certificate, certificates.key, certificates.authority);
        List<String> refused = new CopyOnWriteArrayList<>();
        TcpSource source = TcpSource.lines(
                new TcpOptions(
                        "test", ANY, files, Durability.SYNCED, 1024, 10, Duration.ofSeconds(10), Duration.ofMinutes(1)),
                LineReader.ofLines("test", LINE_PROTOCOL, decoding()),
                new ArrivalStamps(CLOCK),
                intake,
                new RecordingGuard(refused),
                CLOCK::monotonicNs,
                new TcpMetrics(new PrometheusRegistry()));
        source.start();
        open.add(source);
        int port = HostPort.parse(source.endpoint()).port();
        TlsFiles client = new TlsFiles(certificates.clientCertificate, certificates.clientKey, certificates.authority);
        try (Socket socket = client.context().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("m,device=d t=1\nm,device=d t=2".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput(); // the last line needs no line break
            BufferedReader answers = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            assertThat(answers.lines().toList()).last().isEqualTo("OK 2");
        }
        assertThat(intake.readings()).isEqualTo(2);
        assertThat(refused).isEmpty();
        try (Socket plain = new Socket("127.0.0.1", port)) {
            plain.setSoTimeout(20_000);
            plain.getOutputStream().write("m,device=d t=1\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(plain.getInputStream().read()).isNotEqualTo((int) 'O');
        }
        await().until(() -> refused.size() == 1);
        assertThat(refused.get(0)).startsWith("test address 127.0.0.1 handshake: ");
    }

    private record RecordingGuard(List<String> refused) implements SourceGuard {
        @Override
        public AccessControl tokens(Path directory) throws IOException {
            throw new IOException("none here");
        }

        @Override
        public void refused(String source, String who, String cause) {
            refused.add(source + " " + who + " " + cause);
        }
    }

    @Test
    void occupiedPort_saysWhere() throws Exception {
        try (ServerSocket occupied = new ServerSocket(0)) {
            HostPort at = new HostPort("127.0.0.1", occupied.getLocalPort());
            TcpOptions options = new TcpOptions(
                    "test", at, null, Durability.SYNCED, 1024, 1, Duration.ofSeconds(10), Duration.ofMinutes(1));
            TcpSource source = frames(options);
            assertThatThrownBy(source::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("source test cannot listen on " + at)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void close_answersWhatWasTaken() throws Exception {
        TcpSource source = frames(options(1024, 1));
        Socket socket = connect(source);
        send(new DataOutputStream(socket.getOutputStream()), frame(1, 1).toByteArray());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        source.close();
        source.close();
        assertThat(in.read()).isEqualTo(-1);
    }

    // ---- other decoders ----

    private static final String JSON_ROW = "{\"id\":\"d\",\"temp\":%d}";

    private static DecoderConfig json() throws Exception {
        return ConfigReader.parse("decode: {type: json, device: \"{id}\"}", "test", Decode.class)
                .decode();
    }

    record Decode(DecoderConfig decode) {}

    @Test
    void linesOfJson_areReadAndTheirTimesDiffer() throws Exception {
        Socket socket = connect(lines(options(1024, 10), json()));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            text.append(JSON_ROW.formatted(i)).append(i % 2 == 0 ? "\n" : "\r\n");
        }
        socket.getOutputStream().write((text + "no json\n").getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(in.lines().toList()).last().isEqualTo("OK 51");
        assertThat(intake.readings()).isEqualTo(50);
        assertThat(intake.letters()).singleElement().asString().startsWith("malformed-line: ");
        long[] times = intake.taken().stream()
                .flatMap(batch -> batch.tables().stream())
                .flatMapToLong(table -> LongStream.of(table.eventTimes()).limit(table.rows()))
                .toArray();
        assertThat(times).hasSize(50).doesNotHaveDuplicates();
    }

    @Test
    void framesOfJson_areAnsweredByTheirCount() throws Exception {
        Socket socket = connect(frames(options(1024, 10), json()));
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
        assertThat(intake.readings()).isEqualTo(2);
    }
}
