package io.tributary.agent.source.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.core.metrics.Counter;
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
import io.tributary.agent.source.LineReader;
import io.tributary.config.HostPort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UdpSourceTest {
    private static final SystemClock CLOCK = new SystemClock();

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final UdpMetrics metrics = new UdpMetrics(registry);
    private FlakyIntake intake = new FlakyIntake(1, 0);
    private UdpSource source = lines(4 << 20);

    @AfterEach
    void close() {
        source.close();
        intake.close();
    }

    private UdpSource lines(long pendingBytesMax) {
        DecoderContext decoding =
                new DecoderContext("test", CLOCK, new DecodeMetrics(new PrometheusRegistry()), RebirthListener.NONE);
        DecoderConfig decode = new DecoderConfig.Lines(new LineMapping("device", "{field}", Precision.NS));
        return new UdpSource(
                new UdpOptions("test", new HostPort("127.0.0.1", 0), Durability.SYNCED, 1024, 1 << 20, pendingBytesMax),
                LineReader.ofLines("test", decode, decoding),
                true,
                new ArrivalStamps(CLOCK),
                intake,
                metrics);
    }

    private void send(byte[]... datagrams) throws IOException {
        HostPort at = HostPort.parse(source.endpoint());
        try (DatagramSocket socket = new DatagramSocket()) {
            for (byte[] each : datagrams) {
                socket.send(new DatagramPacket(each, each.length, new InetSocketAddress(at.host(), at.port())));
            }
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static double sum(Counter counter) {
        return counter.collect().getDataPoints().stream()
                .mapToDouble(point -> point.getValue())
                .sum();
    }

    /** For what is waited for hundreds of times: Awaitility looks ten times a second, unless it is told otherwise. */
    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    @Test
    void linesOfADatagram_areTaken_badOnesAreLetters() throws Exception {
        source.start();
        send(text("m,device=d a=1,b=2i 1\nnonsense\nm,device=d a=3 2"), text("m,device=d a=4\n"), new byte[0]);
        await().until(() -> intake.readings() == 4 && intake.letters().size() == 1);
        assertThat(intake.letters().get(0)).startsWith("malformed-datagram: ").contains("from /127.0.0.1:");
        assertThat(sum(metrics.malformed)).isOne();
    }

    @Test
    void tooLarge_isALetter_cut() throws Exception {
        source.start();
        send(new byte[2000]);
        await().until(() -> !intake.letters().isEmpty());
        assertThat(intake.letters().get(0)).contains("more than 1024 bytes");
    }

    @Test
    void accepted_andDropped_areWhatWasSent() throws Exception {
        intake = new FlakyIntake(7, 0.3);
        source = lines(64 << 10);
        source.start();
        SplittableRandom random = new SplittableRandom(7);
        int sent = 0;
        for (int i = 0; i < 300; i++) {
            StringBuilder lines = new StringBuilder();
            int count = random.nextInt(1, 20);
            for (int j = 0; j < count; j++) {
                lines.append("m,device=d a=1 ").append(sent++).append('\n');
            }
            int datagrams = i + 1;
            send(text(lines.toString()));
            soon().until(() -> sum(metrics.datagrams) == datagrams); // the system may drop what is not waited for
        }
        int all = sent;
        await().until(() -> intake.readings() + sum(metrics.droppedReadings) == all);
        assertThat(sum(metrics.droppedReadings)).isPositive();
        assertThat(intake.readings()).isPositive();
    }

    @Test
    void noise_isCountedAndDoesNoHarm() throws Exception {
        source.start();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(1, 1000)];
            random.nextBytes(noise);
            int datagrams = i + 1;
            send(noise);
            soon().until(() -> sum(metrics.datagrams) == datagrams);
        }
        send(text("m,device=d a=1 1"));
        await().until(() -> intake.readings() == 1);
        assertThat(sum(metrics.malformed)).isGreaterThanOrEqualTo(200);
    }

    @TempDir
    Path directory;

    @Test
    void kernelDrops_areReadOfTheSocketsRow() throws Exception {
        Path table = directory.resolve("udp");
        String row = " 12: 0100007F:%s 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 31337 2 0000 %d\n";
        KernelDrops drops = new KernelDrops(List.of(table), 9443);
        assertThat(drops.more()).isZero();
        Files.writeString(table, "  sl  local_address\n" + row.formatted("24E3", 5) + row.formatted("24E4", 70));
        assertThat(drops.more()).isEqualTo(5);
        Files.writeString(table, row.formatted("24E3", 7));
        assertThat(drops.more()).isEqualTo(2);
        Files.writeString(table, row.formatted("24E3", 7).replace("7\n", "x\n"));
        assertThat(drops.more()).isZero();
    }
}
