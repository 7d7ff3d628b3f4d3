package io.tributary.agent.source.tcp;

import static io.tributary.agent.source.tcp.TcpFixture.options;
import static io.tributary.agent.source.tcp.TcpFixture.reader;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.Batch;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines, and their answers. */
final class TcpLinesTest {
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
    void lines_areCountedAsTheyBecomeSafe() throws Exception {
        Socket socket = tcp.lines();
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
        assertThat(tcp.intake.readings()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void lines_allArriveOnce_throughAnIntakeThatRefuses(long seed) throws Exception {
        restart(seed, 0.3);
        Socket socket = tcp.lines();
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
        assertThat(tcp.intake.readings()).isEqualTo(2970);
        assertThat(tcp.intake.letters()).hasSize(30);
        long lastTime = 0;
        for (Batch batch : tcp.intake.taken()) {
            for (long time : batch.tables().get(0).eventTimes()) {
                assertThat(time == 0 || time > lastTime).isTrue();
                lastTime = Math.max(lastTime, time);
            }
        }
    }

    @Test
    void malformedLine_isToldWithItsNumber_andADeadLetter() throws Exception {
        Socket socket = tcp.lines();
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
        assertThat(tcp.intake.readings()).isEqualTo(2);
        assertThat(tcp.intake.letters()).hasSize(2);
    }

    @Test
    void overlongLine_isSkipped() throws Exception {
        Socket socket = tcp.lines();
        String text = "m,device=a v=1\n" + "x".repeat(100_000) + "\nm,device=a v=2\n";
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(socket);
        String line = in.readLine();
        boolean told = false;
        for (; !line.equals("OK 3"); line = in.readLine()) {
            told |= line.equals("ERR 2 line is longer than 1024 bytes");
        }
        assertThat(told).isTrue();
        assertThat(tcp.intake.readings()).isEqualTo(2);
    }

    @Test
    void lastLineWithoutBreak_isTakenWhenTheDeviceIsThrough() throws Exception {
        Socket socket = tcp.lines();
        socket.getOutputStream().write("m,device=a v=1".getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        BufferedReader in = reader(socket);
        assertThat(in.readLine()).isEqualTo("OK 1");
        assertThat(in.readLine()).isNull();
    }

    @Test
    void linesOfJson_areReadAndTheirTimesDiffer() throws Exception {
        Socket socket = tcp.connect(tcp.lines(options(1024, 10), TcpFixture.json()));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            text.append(JSON_ROW.formatted(i)).append(i % 2 == 0 ? "\n" : "\r\n");
        }
        socket.getOutputStream().write((text + "no json\n").getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(in.lines().toList()).last().isEqualTo("OK 51");
        assertThat(tcp.intake.readings()).isEqualTo(50);
        assertThat(tcp.intake.letters()).singleElement().asString().startsWith("malformed-line: ");
        long[] times = tcp.intake.taken().stream()
                .flatMap(batch -> batch.tables().stream())
                .flatMapToLong(table -> LongStream.of(table.eventTimes()).limit(table.rows()))
                .toArray();
        assertThat(times).hasSize(50).doesNotHaveDuplicates();
    }
}
