package io.tributary.collector.ingest;

import com.google.protobuf.CodedInputStream;
import io.tributary.proto.v1.AgentMessage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads what agents send. Pure. */
public final class AgentMessageBytes {
    private AgentMessageBytes() {}

    /**
     * The batch inside a delivery is not copied: the bytes must not change any more.
     *
     * @return null when they are no message
     */
    public static @Nullable AgentMessage read(byte[] bytes) {
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            input.enableAliasing(true);
            AgentMessage message = AgentMessage.parseFrom(input);
            input.checkLastTagWas(0);
            return message;
        } catch (IOException e) {
            return null;
        }
    }
}
