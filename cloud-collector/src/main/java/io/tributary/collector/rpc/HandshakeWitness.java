package io.tributary.collector.rpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.tributary.tls.TlsRules;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a handshake that fails, which gRPC keeps to itself, and of one that succeeds; without TLS the first bytes are as
 * good. Sits in front, as gRPC hides everything behind it, and waits for these bytes, before which gRPC may not have put its
 * handler there.
 */
final class HandshakeWitness extends ChannelInboundHandlerAdapter {
    private final ConnectionLimit limit;
    private final RpcTls.@Nullable HandshakeFailures failures;

    /** @param failures null without TLS */
    HandshakeWitness(ConnectionLimit limit, RpcTls.@Nullable HandshakeFailures failures) {
        this.limit = limit;
        this.failures = failures;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        SocketAddress address = context.channel().remoteAddress();
        if (tls == null) {
            limit.settled(context.channel());
        } else {
            tls.handshakeFuture().addListener(done -> {
                if (done.isSuccess()) {
                    limit.settled(context.channel());
                } else {
                    tell(done.cause(), address);
                }
            });
        }
        context.pipeline().remove(this);
        context.fireChannelRead(bytes);
    }

    private void tell(Throwable failure, SocketAddress address) {
        String refusal = TlsRules.refusal(failure, true);
        if (refusal != null && failures != null) {
            failures.failed(
                    address instanceof InetSocketAddress inet
                            ? inet.getAddress().getHostAddress()
                            : String.valueOf(address),
                    refusal);
        }
    }
}
