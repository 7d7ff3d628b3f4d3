package io.tributary.agent.source.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Contexts;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import io.tributary.config.HostPort;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A receiver of satellites at the wrong port: sentences and binary packets of it, by seed, to each decoder. */
final class WrongDecoderTest {
    private static final int MESSAGES = 400;

    @TempDir
    Path directory;

    /** NMEA 0183 sentences with u-blox packets between them, as receivers mix them. */
    private static byte[] receiver(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < MESSAGES; i++) {
            if (random.nextInt(4) > 0) {
                bytes.writeBytes("$GPGGA,%06d.00,4717.11%d,N,00833.91%d,E,1,08,1.01,499.6,M,48.0,M,,*5B\r\n"
                        .formatted(i, random.nextInt(1000), random.nextInt(1000))
                        .getBytes(StandardCharsets.US_ASCII));
            } else {
                byte[] packet = new byte[random.nextInt(8, 200)];
                random.nextBytes(packet);
                packet[0] = (byte) 0xb5;
                packet[1] = 0x62;
                bytes.writeBytes(packet);
            }
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "line",
                "json",
                "csv, columns: [a, b]",
                "senml-json",
                "senml-cbor",
                "sparkplug",
                "frame",
                "plain, value: long, device: d"
            })
    void everyLine_isCounted_lettered_andTheNextConnectionIsServed(String decode) throws Exception {
        PrometheusRegistry registry = new PrometheusRegistry();
        try (FlakyIntake intake = new FlakyIntake(1, 0.05)) {
            Source source = Contexts.config(
                            TcpLinesConfig.class, "listen: 127.0.0.1:0\ndecode: {type: " + decode + "}\n")
                    .open(Contexts.context(intake, new SystemClock(), directory, registry));
            source.start();
            try {
                byte[] noise = receiver(7);
                List<String> answers = answers(source, noise);
                long lines = new String(noise, StandardCharsets.ISO_8859_1).split("\n", -1).length;
                assertThat(answers).last().asString().matches("OK " + lines + "|OK " + (lines - 1));
                long errors =
                        answers.stream().filter(each -> each.startsWith("ERR ")).count();
                assertThat(intake.letters()).hasSize((int) errors);
                assertThat(errors).isGreaterThan(lines / 2);
                assertThat(Contexts.sum(registry, "tributary_agent_tcp_malformed"))
                        .isEqualTo(errors);
                assertThat(answers(source, "\n".getBytes(StandardCharsets.US_ASCII)))
                        .containsExactly("OK 1");
            } finally {
                source.close();
            }
        }
    }

    private static List<String> answers(Source source, byte[] bytes) throws Exception {
        HostPort at = HostPort.parse(source.endpoint());
        try (Socket socket = new Socket(at.host(), at.port())) {
            socket.setSoTimeout(20_000);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            return in.lines().toList();
        }
    }
}
