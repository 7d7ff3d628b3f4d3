package io.tributary.agent.source.mqttlistener;

import io.tributary.config.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.HexFormat;

/** Says bytes and reads packets. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RawClient(String endpoint) throws IOException {
        HostPort at = HostPort.parse(endpoint);
        socket = new Socket(at.host(), at.port());
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    RawClient send(byte[]... packets) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            all.writeBytes(packet);
        }
        out.write(all.toByteArray());
        return this;
    }

    /** The next packet in hex; {@code closed} when there is none. */
    String next() throws IOException {
        try {
            int first = in.read();
            if (first < 0) {
                return "closed";
            }
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                length |= (digit & 0x7f) << shift;
                shift += 7;
            } while ((digit & 0x80) != 0);
            byte[] body = new byte[length];
            in.readFully(body);
            return HexFormat.of().formatHex(new byte[] {(byte) first}) + " "
                    + HexFormat.of().formatHex(body);
        } catch (java.net.SocketException e) {
            return "closed"; // by a reset, as it still had bytes of ours to read
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
