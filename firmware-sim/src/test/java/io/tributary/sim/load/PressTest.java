package io.tributary.sim.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.HostPort;
import io.tributary.sim.link.FakeAgent;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PressTest {
    private static PressPlan plan(int port, PressPlan.Form form) {
        return new PressPlan(new HostPort("127.0.0.1", port), form, 2, 8, 10, 60, 20, 2, 10, 42);
    }

    private static Map<String, Double> run(PressPlan plan) throws Exception {
        return new Press(plan, 0, System::nanoTime).run();
    }

    @ParameterizedTest
    @EnumSource(
            value = PressPlan.Form.class,
            names = {"ROWS", "BATCHES"})
    void frames_areAllTaken_eachReadingAnother(PressPlan.Form form) throws Exception {
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            Map<String, Double> figures = run(plan(agent.port(), form));
            assertThat(figures).containsEntry("messages", 60.0).containsEntry("readings", 6_000.0);
            assertThat(agent.stored()).hasSize(7_000); // with those of the warm-up
            assertThat(figures.get("retries")).isZero();
        }
    }

    /** What the agent does not take at the moment comes again, with all that was sent behind it. */
    @Test
    void frames_thatAreAskedForAgain_comeAgain() throws Exception {
        try (FakeAgent agent = new FakeAgent(false, new FakeAgent.Faults(0, 0, 20, 0), 3)) {
            Map<String, Double> figures = run(plan(agent.port(), PressPlan.Form.ROWS));
            assertThat(agent.stored()).hasSize(7_000);
            assertThat(figures).containsEntry("messages", 60.0);
            assertThat(figures.get("retries")).isPositive();
        }
    }

    @Test
    void publishes_areAcknowledgedInOrder() throws Exception {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread acceptor = new Thread(() -> accept(server, seen), "fake-listener");
            acceptor.setDaemon(true);
            acceptor.start();
            Map<String, Double> figures = run(plan(server.getLocalPort(), PressPlan.Form.PUBLISHES));
            assertThat(figures).containsEntry("messages", 60.0).containsEntry("readings", 60.0);
            assertThat(seen).contains("load/d000000/temperature", "load/d000010/temperature");
        }
    }

    private static void accept(ServerSocket server, Set<String> seen) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread client = new Thread(() -> listen(socket, seen), "fake-listener-client");
                client.setDaemon(true);
                client.start();
            } catch (IOException e) {
                return; // the test has ended
            }
        }
    }

    private static void listen(Socket socket, Set<String> seen) {
        try (socket;
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
            int connect = in.readUnsignedByte();
            in.skipNBytes(in.readUnsignedByte());
            assertThat(connect).isEqualTo(0x10);
            out.write(new byte[] {0x20, 2, 0, 0});
            while (true) {
                assertThat(in.readUnsignedByte()).isEqualTo(0x32);
                byte[] body = new byte[in.readUnsignedByte()];
                in.readFully(body);
                int topic = body[0] << 8 | body[1];
                seen.add(new String(body, 2, topic, StandardCharsets.UTF_8));
                assertThat(Double.isNaN(value(body, topic))).isFalse();
                out.write(new byte[] {0x40, 2, body[2 + topic], body[3 + topic]});
            }
        } catch (IOException e) {
            // The client has closed: the load is over.
        }
    }

    private static double value(byte[] body, int topic) {
        String text = new String(body, 4 + topic, body.length - 4 - topic, StandardCharsets.UTF_8);
        return text.equals("true") || text.equals("false") ? 1 : Double.parseDouble(text);
    }

    @Test
    void plan_saysWhatItExpects() {
        assertThatThrownBy(() -> new PressPlan(new HostPort("h", 1), PressPlan.Form.ROWS, 4, 1, 0, 1, 3, 1, 1, 1))
                .hasMessage("devices is 3, expected at least one for each of 4 connections");
    }
}
