package io.tributary.agent.source.mqttlistener;

import io.netty.channel.ChannelHandlerContext;

/** What goes to a client: flushed once for all that is written before the event loop comes round. Of the event loop. */
final class Outbound {
    private final ChannelHandlerContext channel;
    private boolean flushing;

    Outbound(ChannelHandlerContext channel) {
        this.channel = channel;
    }

    void write(Object message) {
        var unused = channel.write(message);
        if (!flushing) {
            flushing = true;
            channel.executor().execute(() -> {
                flushing = false;
                channel.flush();
            });
        }
    }

    /** Whether the client takes packets at this moment. */
    boolean isWritable() {
        return channel.channel().isWritable();
    }
}
