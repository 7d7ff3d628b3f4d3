package io.tributary.collector.ingest;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.tributary.proto.v1.AgentMessage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads agent messages without gRPC's own reaction to bytes that are none, which is a stack trace in the log and an
 * answer that blames the collector: they become {@link #UNREADABLE}.
 */
final class AgentMessageMarshaller implements MethodDescriptor.Marshaller<AgentMessage> {
    /** Compared by identity; equal to a message of an unknown kind otherwise. */
    static final AgentMessage UNREADABLE = AgentMessage.newBuilder().build();

    @Override
    public InputStream stream(AgentMessage value) {
        throw new UnsupportedOperationException("BUG: the collector sends no agent messages");
    }

    @Override
    public AgentMessage parse(InputStream stream) {
        byte[] bytes;
        try {
            // All of it has arrived, within the server's message limit.
            bytes = bytes(stream);
        } catch (IOException e) {
            throw Status.INTERNAL.withCause(e).asRuntimeException();
        }
        AgentMessage message = AgentMessageBytes.read(bytes);
        return message == null ? UNREADABLE : message;
    }

    /** In one piece and one copy, where gRPC tells how many bytes there are. */
    private static byte[] bytes(InputStream stream) throws IOException {
        if (!(stream instanceof KnownLength)) {
            return stream.readAllBytes();
        }
        byte[] bytes = new byte[stream.available()];
        int read = stream.readNBytes(bytes, 0, bytes.length);
        return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
    }
}
