package io.tributary.collector.rpc;

import io.netty.channel.Channel;
import io.tributary.listen.ConnectionRates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Decides which connections come in: so many a second over all, so many of an address, so many at a time. */
final class Entry {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** Of one that is closed at once, which is cheap: a flood of one address must not keep the backlog full for all. */
    private static final double REFUSAL_COST = 0.01;

    private final ConnectionLimit places;
    private final ConnectionRates addresses;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private final AtomicLong pauses = new AtomicLong();

    // Of the thread that accepts: a bucket of a second's worth.
    private double left;
    private long filledNanos;

    Entry(RpcOptions options, LongSupplier nanoTime) {
        this.places = new ConnectionLimit(options.connectionsMax());
        this.addresses = new ConnectionRates(options.addressConnectsPerSecond(), nanoTime);
        this.perSecond = options.connectsPerSecond();
        this.nanoTime = nanoTime;
        this.left = perSecond;
        this.filledNanos = nanoTime.getAsLong();
    }

    ConnectionLimit places() {
        return places;
    }

    /** Connections of addresses that came too often. */
    long refusedAddresses() {
        return addresses.refused();
    }

    /** Times the backlog was left waiting. */
    long pauses() {
        return pauses.get();
    }

    /** False when the rate over all is used up. */
    boolean mayAccept() {
        long now = nanoTime.getAsLong();
        left = Math.min(perSecond, left + (now - filledNanos) / NANOS_PER_SECOND * perSecond);
        filledNanos = now;
        if (left < 1) {
            pauses.incrementAndGet();
            return false;
        }
        return true;
    }

    /** False for an address that comes too often. */
    boolean mayEnter(SocketChannel socket) throws IOException {
        boolean enters = socket.getRemoteAddress() instanceof InetSocketAddress address
                && addresses.mayConnect(address.getAddress());
        left -= enters ? 1 : REFUSAL_COST;
        return enters;
    }

    /** False when all places are taken by others that are through their handshake. */
    boolean takePlace(Channel connection) {
        return places.enter(connection);
    }
}
