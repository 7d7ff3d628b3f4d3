package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Stands before the codec: cuts the stream into packets and lets only those pass that keep the rules and limits. What a
 * connection holds is one packet at most, as the size is checked before anything is gathered.
 *
 * <pre>
 * bytes -> packet, {@link #PACKET_END}, packet, {@link #PACKET_END}, ... or a {@link Violation}, then nothing
 * </pre>
 */
final class PacketGuard extends ByteToMessageDecoder {
    /** Behind each packet: without a message before it, the codec wanted more bytes than the packet has. */
    static final Object PACKET_END = new Object();

    /** A client that is not let in yet may say who it is and leave a will of a few KiB. */
    private static final int CONNECT_BYTES_MAX = 16 << 10;

    private final int packetBytesMax;
    private final int topicBytesMax;
    private int version;
    private int level;
    private boolean broken;

    PacketGuard(int packetBytesMax, int topicBytesMax) {
        this.packetBytesMax = packetBytesMax;
        this.topicBytesMax = topicBytesMax;
    }

    /** The protocol level of the CONNECT that came, also of one that broke a rule; 0 when it cannot be told. */
    int level() {
        return level;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            packet(in, out);
        } catch (Violation violation) {
            broken = true;
            in.skipBytes(in.readableBytes());
            out.add(violation);
        }
    }

    private void packet(ByteBuf in, List<Object> out) throws Violation {
        int start = in.readerIndex();
        int first = in.getUnsignedByte(start);
        PacketRules.checkFirst(first, version != 0);
        int length = remainingLength(in, start + 1);
        if (length < 0) {
            return;
        }
        int header = 1 + VariableInt.size(length);
        int most = version == 0 ? Math.min(CONNECT_BYTES_MAX, packetBytesMax) : packetBytesMax;
        if (header + length > most) {
            throw new Violation(
                    Violation.PACKET_TOO_LARGE, "packet of " + (header + length) + " bytes, expected at most " + most);
        }
        if (in.readableBytes() < header + length) {
            return;
        }
        ByteBuf body = in.slice(start + header, length);
        if (version == 0) {
            level = PacketRules.level(body);
        }
        PacketRules.checkBody(first, body, version, topicBytesMax);
        version = level;
        out.add(in.readRetainedSlice(header + length));
        out.add(PACKET_END);
    }

    /** @return negative when it is not there yet */
    private static int remainingLength(ByteBuf in, int at) throws Violation {
        for (int i = at; i < in.writerIndex() && i < at + 4; i++) {
            if ((in.getUnsignedByte(i) & 0x80) == 0) {
                return VariableInt.read(in, at);
            }
        }
        if (in.writerIndex() >= at + 4) {
            throw Violation.malformed("remaining length of more than 4 bytes");
        }
        return -1;
    }
}
