package io.tributary.deploy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.FrameReply;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;

/** A device on the agent's TCP frame listener, byte by byte: nothing of the simulator's link is used. */
final class FrameConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;

    FrameConnection(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
    }

    /** A frame of one row with one double. */
    static Frame frame(long id, String device, String channel, long eventTimeNs, double value) {
        SampleValue sampleValue = SampleValue.newBuilder()
                .setChannel(channel)
                .setDoubleValue(value)
                .build();
        Sample sample = Sample.newBuilder()
                .setEventTimeNs(eventTimeNs)
                .addValues(sampleValue)
                .build();
        return Frame.newBuilder()
                .setId(id)
                .addDevices(DeviceSamples.newBuilder().setDevice(device).addSamples(sample))
                .build();
    }

    FrameReply exchange(Frame frame) throws IOException {
        sendBytes(frame.toByteArray());
        return reply();
    }

    void sendBytes(byte[] body) throws IOException {
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /** Bytes as they are, without a length before them. */
    void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    FrameReply reply() throws IOException {
        byte[] body = new byte[in.readInt()];
        in.readFully(body);
        try {
            return FrameReply.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("no FrameReply in " + body.length + " bytes", e);
        }
    }

    /** True when the agent has closed the connection; anything it still had to say is read away. */
    boolean isClosedByPeer() {
        try {
            while (in.read() >= 0) {
                // Reads on to the end.
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
