package io.tributary.collector.rpc;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket that holds at most so many accepted connections. One above the limit is closed right after it is
 * accepted, before a byte of it is read or a handler is made for it: gRPC itself has no such limit, and a peer that is
 * left waiting in the backlog would not learn that it should go elsewhere.
 */
final class BoundedServerChannel extends NioServerSocketChannel {
    private final ConnectionLimit limit;
    private final RpcTls.@Nullable HandshakeFailures failures;

    /** @param failures null without TLS */
    BoundedServerChannel(ConnectionLimit limit, RpcTls.@Nullable HandshakeFailures failures) {
        this.limit = limit;
        this.failures = failures;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int read = super.doReadMessages(accepted);
        for (int i = accepted.size() - 1; i >= before; i--) {
            Channel connection = (Channel) accepted.get(i);
            if (limit.enter(connection)) {
                connection.pipeline().addFirst(new HandshakeWitness(limit, failures));
            } else {
                accepted.remove(i);
                connection.unsafe().closeForcibly();
            }
        }
        // Zero would end the accept loop although connections may be waiting; a negative count would mean an error.
        return read;
    }
}
