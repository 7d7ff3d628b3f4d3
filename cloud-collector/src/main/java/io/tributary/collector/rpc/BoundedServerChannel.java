package io.tributary.collector.rpc;

import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket that holds at most so many accepted connections, and takes at most so many a second.
 *
 * <pre>
 * backlog -> [ rate over all: what is above it waits there ] -> [ rate of the address, places: closed ] -> handshake
 * </pre>
 *
 * One that has no place is closed right after it is accepted, before a byte of it is read or anything is made for it: gRPC
 * itself has no such limit, and a peer that is left waiting would not learn that it should go elsewhere. What comes faster
 * than the rate over all stays in the system's backlog, where it costs nothing: handshakes are done by the threads that
 * read from those who are in, and must not take all of their time.
 */
final class BoundedServerChannel extends NioServerSocketChannel {
    /** How long the backlog waits when the rate is used up: a few connections' worth. */
    private static final long PAUSE_MILLIS = 20;

    private final Entry entry;
    private final RpcTls.@Nullable HandshakeFailures failures;

    /** @param failures null without TLS */
    BoundedServerChannel(Entry entry, RpcTls.@Nullable HandshakeFailures failures) {
        this.entry = entry;
        this.failures = failures;
        // One that gives way has to have a thread that closes it, which it gets after each turn.
        MaxMessagesRecvByteBufAllocator turns = config().getRecvByteBufAllocator();
        turns.maxMessagesPerRead(1);
    }

    /** Of the thread that accepts. Zero ends its loop, until the next connection comes or the pause is over. */
    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        if (!entry.mayAccept()) {
            config().setAutoRead(false);
            var unused = eventLoop().schedule(() -> config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            return 0;
        }
        SocketChannel socket = javaChannel().accept();
        if (socket == null) {
            return 0;
        }
        if (!entry.mayEnter(socket)) {
            abort(socket);
            return 1;
        }
        NioSocketChannel connection = new NioSocketChannel(this, socket);
        if (entry.takePlace(connection)) {
            connection.pipeline().addFirst(new HandshakeWitness(entry.places(), failures));
            accepted.add(connection);
        } else {
            abort(socket);
        }
        return 1;
    }

    /** By a reset, which leaves nothing behind: a flood would fill the system's table of closed connections. */
    private static void abort(SocketChannel socket) throws IOException {
        try (socket) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }
}
