package io.tributary.agent.source.tcp;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
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
import io.tributary.config.ConfigReader;
import io.tributary.config.HostPort;
import io.tributary.http.AccessControl;
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
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** TCP sources for tests, the devices that connect to them, and what these say. */
final class TcpFixture implements AutoCloseable {
    private static final HostPort ANY = new HostPort("127.0.0.1", 0);
    static final DecoderConfig LINE_PROTOCOL =
            new DecoderConfig.Lines(new LineMapping("device", "{field}", Precision.NS));
    private static final SystemClock CLOCK = new SystemClock();

    final FlakyIntake intake;
    /** What the guard was told. */
    final List<String> refused = new CopyOnWriteArrayList<>();

    final PrometheusRegistry registry = new PrometheusRegistry();

    private final SourceGuard guard = new RecordingGuard(refused);
    private final List<AutoCloseable> open = new ArrayList<>();

    TcpFixture() {
        this(1, 0);
    }

    /** With an intake that refuses such a share. */
    TcpFixture(long seed, double refusals) {
        intake = new FlakyIntake(seed, refusals);
    }

    /** A metric of the source at this moment. */
    double metric(String name) {
        return registry.scrape(("tributary_agent_tcp_" + name)::equals).stream()
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .mapToDouble(point -> ((CounterDataPointSnapshot) point).getValue())
                .sum();
    }

    static TcpOptions options(int messageBytesMax, int connectionsMax) {
        return options(ANY, null, messageBytesMax, connectionsMax);
    }

    static TcpOptions options(HostPort at, @Nullable TlsFiles tls, int messageBytesMax, int connectionsMax) {
        return new TcpOptions(
                "test",
                at,
                tls,
                Durability.SYNCED,
                messageBytesMax,
                connectionsMax,
                Duration.ofSeconds(10),
                Duration.ofMinutes(1));
    }

    private static DecoderContext decoding() {
        return new DecoderContext("test", CLOCK, new DecodeMetrics(new PrometheusRegistry()), RebirthListener.NONE);
    }

    TcpSource frames(TcpOptions options) {
        return frames(options, new DecoderConfig.Frames());
    }

    TcpSource frames(TcpOptions options, DecoderConfig decode) {
        return TcpSource.frames(
                options,
                FrameReader.of("test", decode, decoding()),
                new ArrivalStamps(CLOCK),
                intake,
                guard,
                CLOCK::monotonicNs,
                new TcpMetrics(registry));
    }

    TcpSource lines(TcpOptions options, DecoderConfig decode) {
        return TcpSource.lines(
                options,
                LineReader.ofLines("test", decode, decoding()),
                new ArrivalStamps(CLOCK),
                intake,
                guard,
                CLOCK::monotonicNs,
                new TcpMetrics(registry));
    }

    Socket frames() throws IOException {
        return connect(frames(options(1 << 20, 10)));
    }

    Socket lines() throws IOException {
        return connect(lines(options(1024, 10), LINE_PROTOCOL));
    }

    Socket connect(TcpSource source) throws IOException {
        start(source);
        return connect(source.endpoint());
    }

    /** Its port. */
    int start(TcpSource source) throws IOException {
        source.start();
        open.add(source);
        return HostPort.parse(source.endpoint()).port();
    }

    Socket connect(String endpoint) throws IOException {
        HostPort at = HostPort.parse(endpoint);
        Socket socket = new Socket(at.host(), at.port());
        socket.setSoTimeout(20_000);
        open.add(socket);
        return socket;
    }

    static Frame frame(long id, double value) {
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

    static void send(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static FrameReply reply(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return FrameReply.parseFrom(bytes);
    }

    static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static DecoderConfig json() throws Exception {
        return ConfigReader.parse("decode: {type: json, device: \"{id}\"}", "test", Decode.class)
                .decode();
    }

    record Decode(DecoderConfig decode) {}

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

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }
}
