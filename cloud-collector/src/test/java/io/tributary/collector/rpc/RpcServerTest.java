package io.tributary.collector.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import io.tributary.listen.ConnectionRates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who comes in, and how fast. The clock of the rates stands still unless a test moves it. */
final class RpcServerTest {
    /** Of an HTTP/2 server: the beginning of its SETTINGS. */
    private static final int SERVER_SPEAKS = 0;

    private final AtomicLong nanos = new AtomicLong();
    private final List<Socket> sockets = new ArrayList<>();
    private @Nullable RpcServer server;

    @AfterEach
    void close() throws IOException {
        for (Socket each : sockets) {
            each.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private void start(int connectsPerSecond, int addressConnectsPerSecond) throws IOException {
        server = new RpcServer(
                new RpcOptions(
                        new HostPort("127.0.0.1", 0),
                        false,
                        1,
                        1_000,
                        connectsPerSecond,
                        addressConnectsPerSecond,
                        16,
                        new ByteSize(64 << 10),
                        new ByteSize(8 << 10),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1)),
                List.of(),
                List.of(),
                null,
                nanos::get,
                new PrometheusRegistry());
        server.start(1 << 20);
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(),
                java.util.Objects.requireNonNull(server).port(),
                InetAddress.getByName(from),
                0);
        sockets.add(socket);
        return socket;
    }

    /** First byte of the server's preface, -1 for the end; a reset is one, too. */
    private static int firstByte(Socket socket, int patienceMillis) throws IOException {
        socket.setSoTimeout(patienceMillis);
        try {
            return socket.getInputStream().read();
        } catch (SocketException e) {
            return -1;
        }
    }

    @Test
    void addressThatComesTooOften_isClosed_othersAreNot() throws IOException {
        start(1_000, 1);
        List<Socket> taken = new ArrayList<>();
        for (int i = 0; i < ConnectionRates.BURST_SECONDS; i++) {
            taken.add(connect("127.0.0.2"));
        }
        assertThat(firstByte(connect("127.0.0.2"), 20_000)).isEqualTo(-1);
        assertThat(firstByte(connect("127.0.0.3"), 20_000)).isEqualTo(SERVER_SPEAKS);
        for (Socket each : taken) {
            assertThat(firstByte(each, 20_000)).isEqualTo(SERVER_SPEAKS);
        }
    }

    @Test
    void rateOverAll_leavesTheRestInTheBacklogUntilItsTurn() throws IOException {
        start(2, 1_000);
        Socket first = connect("127.0.0.2");
        Socket second = connect("127.0.0.2");
        Socket third = connect("127.0.0.2");
        assertThat(firstByte(first, 20_000)).isEqualTo(SERVER_SPEAKS);
        assertThat(firstByte(second, 20_000)).isEqualTo(SERVER_SPEAKS);
        await().until(() -> java.util.Objects.requireNonNull(server).acceptPauses() > 0);
        assertThat(third.getInputStream().available()).isZero();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(firstByte(third, 20_000)).isEqualTo(SERVER_SPEAKS);
    }
}
