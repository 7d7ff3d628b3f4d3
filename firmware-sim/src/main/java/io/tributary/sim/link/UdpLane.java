package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Datagrams of lines. Nobody answers: all that was sent stays in doubt. */
final class UdpLane implements Lane {
    /** Below the MTU of Ethernet: a fragment lost is the datagram lost. */
    private static final int DATAGRAM_BYTES = 1400;

    private final LinkOptions options;
    private final DeliveryLog log;
    private final LinkCounters counters;
    private @Nullable DatagramSocket socket;

    UdpLane(LinkOptions options, DeliveryLog log, LinkCounters counters) {
        this.options = options;
        this.log = log;
        this.counters = counters;
    }

    @Override
    public void start() {
        // The socket is made with the first datagram.
    }

    @Override
    public void send(long id, List<Row> rows) throws IOException {
        DatagramSocket open = socket;
        if (open == null) {
            InetSocketAddress target = new InetSocketAddress(
                    options.target().host(), options.target().port());
            if (target.isUnresolved()) {
                throw new UnknownHostException("no address is known for host '" + target.getHostString() + "'");
            }
            open = new DatagramSocket();
            open.connect(target);
            socket = open;
            counters.connections.increment();
        }
        log.sending(id, rows);
        StringBuilder text = new StringBuilder();
        List<byte[]> lines = new ArrayList<>(rows.size());
        for (Row row : rows) {
            counters.handedOver.add(row.size());
            counters.inDoubt.add(row.size());
            text.setLength(0);
            if (options.protocol() == Protocol.JSON) {
                JsonText.append(text, row);
                text.append('\n');
            } else {
                LineWire.appendLine(text, row);
            }
            lines.add(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        byte[] datagram = new byte[DATAGRAM_BYTES];
        int length = 0;
        for (byte[] line : lines) {
            if (length > 0 && length + line.length > DATAGRAM_BYTES) {
                open.send(new DatagramPacket(datagram, length));
                length = 0;
            }
            if (line.length > DATAGRAM_BYTES) {
                open.send(new DatagramPacket(line, line.length));
            } else {
                System.arraycopy(line, 0, datagram, length, line.length);
                length += line.length;
            }
        }
        if (length > 0) {
            open.send(new DatagramPacket(datagram, length));
        }
    }

    @Override
    public boolean drain(Duration atMost) {
        return true;
    }

    @Override
    public void close() {
        DatagramSocket open = socket;
        if (open != null) {
            open.close();
        }
    }
}
