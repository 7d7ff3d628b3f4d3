package io.tributary.agent.source.tcp;

import static io.tributary.agent.source.tcp.TcpFixture.frame;
import static io.tributary.agent.source.tcp.TcpFixture.options;
import static io.tributary.agent.source.tcp.TcpFixture.reader;
import static io.tributary.agent.source.tcp.TcpFixture.reply;
import static io.tributary.agent.source.tcp.TcpFixture.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.agent.source.TestCertificates;
import io.tributary.config.HostPort;
import io.tributary.proto.v1.FrameReply;
import io.tributary.tls.TlsFiles;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What frames and lines have in common: places, the port, the end. */
final class TcpSourceTest {
    private final TcpFixture tcp = new TcpFixture();

    @AfterEach
    void close() throws Exception {
        tcp.close();
    }

    @Test
    void connectionsAboveTheLimit_areClosed() throws Exception {
        TcpSource source = tcp.frames(options(1024, 1));
        Socket first = tcp.connect(source);
        send(new DataOutputStream(first.getOutputStream()), frame(1, 1).toByteArray());
        assertThat(reply(new DataInputStream(first.getInputStream())).getId()).isEqualTo(1);
        Socket second = tcp.connect(source.endpoint());
        assertThat(second.getInputStream().read()).isEqualTo(-1);
        first.close();
        await().until(() -> {
            Socket third = tcp.connect(source.endpoint());
            send(new DataOutputStream(third.getOutputStream()), frame(3, 3).toByteArray());
            try {
                return reply(new DataInputStream(third.getInputStream())).getId() == 3;
            } catch (IOException e) {
                return false; // the first one's end has not been seen yet
            }
        });
    }

    @Test
    void occupiedPort_saysWhere() throws Exception {
        try (ServerSocket occupied = new ServerSocket(0)) {
            HostPort at = new HostPort("127.0.0.1", occupied.getLocalPort());
            TcpOptions options = options(at, null, 1024, 1);
            TcpSource source = tcp.frames(options);
            assertThatThrownBy(source::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("source test cannot listen on " + at)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void close_answersWhatWasTaken() throws Exception {
        TcpSource source = tcp.frames(options(1024, 1));
        Socket socket = tcp.connect(source);
        send(new DataOutputStream(socket.getOutputStream()), frame(1, 1).toByteArray());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(reply(in).getResult()).isEqualTo(FrameReply.Result.ACCEPTED);
        source.close();
        source.close();
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void silentConnection_givesWayToADevice_theOldestFirst_andThoseThatHaveSpokenStay() throws Exception {
        TcpSource source = tcp.frames(options(1024, 3));
        Socket settled = tcp.connect(source);
        DataInputStream in = new DataInputStream(settled.getInputStream());
        DataOutputStream out = new DataOutputStream(settled.getOutputStream());
        send(out, frame(1, 1).toByteArray());
        assertThat(reply(in).getId()).isEqualTo(1);
        Socket silent = tcp.connect(source.endpoint());
        Socket half = tcp.connect(source.endpoint());
        half.getOutputStream().write(new byte[] {0, 0, 1});
        for (Socket pushedOut : List.of(silent, half)) {
            Socket fresh = tcp.connect(source.endpoint());
            send(new DataOutputStream(fresh.getOutputStream()), frame(2, 2).toByteArray());
            assertThat(reply(new DataInputStream(fresh.getInputStream())).getId())
                    .isEqualTo(2);
            assertThat(pushedOut.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(tcp.connect(source.endpoint()).getInputStream().read()).isEqualTo(-1);
        send(out, frame(3, 3).toByteArray());
        assertThat(reply(in).getId()).isEqualTo(3);
        assertThat(tcp.metric("evicted_connections")).isEqualTo(2);
        assertThat(tcp.metric("refused_connections")).isEqualTo(1);
    }

    @Test
    void oneReading_settlesAConnection_aLineThatIsNoneDoesNot() throws Exception {
        TcpSource source = tcp.lines(options(1024, 2), TcpFixture.LINE_PROTOCOL);
        Socket settled = tcp.connect(source);
        settled.getOutputStream().write("m,device=a v=1\n".getBytes(StandardCharsets.UTF_8));
        BufferedReader in = reader(settled);
        assertThat(in.readLine()).isEqualTo("OK 1");
        Socket noise = tcp.connect(source.endpoint());
        noise.getOutputStream().write("no line protocol\n".getBytes(StandardCharsets.UTF_8));
        BufferedReader told = reader(noise);
        assertThat(told.readLine()).startsWith("ERR 1 ");
        assertThat(told.readLine()).isEqualTo("OK 1");
        Socket fresh = tcp.connect(source.endpoint());
        assertThat(told.readLine()).isNull();
        fresh.getOutputStream().write("m,device=a v=1\n".getBytes(StandardCharsets.UTF_8));
        assertThat(reader(fresh).readLine()).isEqualTo("OK 1");
        assertThat(tcp.connect(source.endpoint()).getInputStream().read()).isEqualTo(-1);
        settled.getOutputStream().write("m,device=a v=2\n".getBytes(StandardCharsets.UTF_8));
        assertThat(in.readLine()).isEqualTo("OK 2");
    }

    @Test
    void tls_answersAndTellsTheEnd(@TempDir Path directory) throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "localhost");
        TlsFiles files = new TlsFiles(certificates.certificate, certificates.key, certificates.authority);
        TcpSource source = tcp.lines(options(new HostPort("127.0.0.1", 0), files, 1024, 10), TcpFixture.LINE_PROTOCOL);
        int port = tcp.start(source);
        TlsFiles client = new TlsFiles(certificates.clientCertificate, certificates.clientKey, certificates.authority);
        try (Socket socket = client.context().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("m,device=d t=1\nm,device=d t=2".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput(); // the last line needs no line break
            assertThat(reader(socket).lines().toList()).last().isEqualTo("OK 2");
        }
        assertThat(tcp.intake.readings()).isEqualTo(2);
        assertThat(tcp.refused).isEmpty();
        try (Socket plain = new Socket("127.0.0.1", port)) {
            plain.setSoTimeout(20_000);
            plain.getOutputStream().write("m,device=d t=1\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(plain.getInputStream().read()).isNotEqualTo((int) 'O');
        }
        await().until(() -> tcp.refused.size() == 1);
        assertThat(tcp.refused.get(0)).startsWith("test address 127.0.0.1 handshake: ");
        assertThat(tcp.metric("failed_handshakes")).isEqualTo(1);
    }
}
