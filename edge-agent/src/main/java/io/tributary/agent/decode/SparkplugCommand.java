package io.tributary.agent.decode;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** What a host tells edge nodes. */
public final class SparkplugCommand {
    private static final String REBIRTH = "Node Control/Rebirth";

    private SparkplugCommand() {}

    /** The topic on which node {@code node} hears commands. */
    public static String topic(String group, String node) {
        return "spBv1.0/" + group + "/NCMD/" + node;
    }

    /** The payload that asks a node to introduce itself and its devices again. */
    public static byte[] rebirth(long nowMillis) {
        try {
            ByteArrayOutputStream metric = new ByteArrayOutputStream();
            CodedOutputStream inner = CodedOutputStream.newInstance(metric);
            inner.writeString(1, REBIRTH);
            inner.writeUInt64(3, nowMillis);
            inner.writeUInt32(4, SparkplugValues.BOOLEAN);
            inner.writeBool(14, true);
            inner.flush();
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            CodedOutputStream outer = CodedOutputStream.newInstance(payload);
            outer.writeUInt64(1, nowMillis);
            outer.writeTag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            outer.writeUInt32NoTag(metric.size());
            outer.writeRawBytes(metric.toByteArray());
            outer.flush();
            return payload.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("BUG: a byte array cannot fail", e);
        }
    }
}
