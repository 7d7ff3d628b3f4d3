package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;

/** Counts what clients send. */
final class ByteCount extends ChannelInboundHandlerAdapter {
    private final CounterDataPoint bytes;

    ByteCount(CounterDataPoint bytes) {
        this.bytes = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf received) {
            bytes.inc(received.readableBytes());
        }
        context.fireChannelRead(message);
    }
}
