package io.tributary.collector.rpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.tributary.tls.TlsRules;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Tells of a handshake that fails: gRPC keeps it to itself. Sits in front, as gRPC hides everything behind it, and waits
 * for the first bytes, before which gRPC may not have put its handler there.
 */
final class HandshakeWitness extends ChannelInboundHandlerAdapter {
    private final RpcTls.HandshakeFailures failures;

    HandshakeWitness(RpcTls.HandshakeFailures failures) {
        this.failures = failures;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        SocketAddress address = context.channel().remoteAddress();
        if (tls != null) {
            tls.handshakeFuture().addListener(done -> tell(done, address));
        }
        context.pipeline().remove(this);
        context.fireChannelRead(bytes);
    }

    private void tell(Future<?> done, SocketAddress address) {
        Throwable failure = done.cause();
        String refusal = failure == null ? null : TlsRules.refusal(failure, true);
        if (refusal != null) {
            failures.failed(
                    address instanceof InetSocketAddress inet
                            ? inet.getAddress().getHostAddress()
                            : String.valueOf(address),
                    refusal);
        }
    }
}
