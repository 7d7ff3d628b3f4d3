package io.tributary.agent.source.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts the stream into frames. A length beyond the limit ends it: where the next frame begins is not known any more. The
 * limit is checked before anything is gathered, so that a connection holds one frame at most.
 */
final class FrameSplitter extends ByteToMessageDecoder {
    private static final int LENGTH_BYTES = 4;

    private final int frameBytesMax;
    private boolean broken;

    FrameSplitter(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    /** @param head the first bytes, for the dead letter */
    record Oversized(long length, byte[] head) {}

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < LENGTH_BYTES) {
            return;
        }
        long length = in.getUnsignedInt(in.readerIndex());
        if (length > frameBytesMax) {
            broken = true;
            byte[] head = new byte[Math.min(in.readableBytes(), 256)];
            in.readBytes(head);
            in.skipBytes(in.readableBytes());
            out.add(new Oversized(length, head));
            return;
        }
        if (in.readableBytes() >= LENGTH_BYTES + length) {
            in.skipBytes(LENGTH_BYTES);
            out.add(in.readRetainedSlice((int) length));
        }
    }
}
