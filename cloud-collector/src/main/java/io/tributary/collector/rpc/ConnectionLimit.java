package io.tributary.collector.rpc;

import io.netty.channel.Channel;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Knows the open connections, and which of them are not through their handshake yet: when there is no room the oldest of
 * those gives way, so that nobody can keep others out by connecting and waiting. All threads.
 */
final class ConnectionLimit {
    private final int max;
    // Guarded by this.
    private final Set<Channel> newcomers = new LinkedHashSet<>();
    private final Set<Channel> settled = new HashSet<>();
    private long refused;
    private long evicted;

    ConnectionLimit(int max) {
        this.max = max;
    }

    /** @return false when it has to be closed: all others are through their handshake */
    boolean enter(Channel connection) {
        synchronized (this) {
            if (newcomers.size() + settled.size() >= max) {
                Iterator<Channel> waiting = newcomers.iterator();
                if (!waiting.hasNext()) {
                    refused++;
                    return false;
                }
                Channel oldest = waiting.next();
                waiting.remove();
                evicted++;
                oldest.close(); // on its own thread
            }
            newcomers.add(connection);
        }
        connection.closeFuture().addListener(closed -> left(connection));
        return true;
    }

    /** It is through its handshake. */
    synchronized void settled(Channel connection) {
        if (newcomers.remove(connection)) {
            settled.add(connection);
        }
    }

    private synchronized void left(Channel connection) {
        newcomers.remove(connection);
        settled.remove(connection);
    }

    synchronized int open() {
        return newcomers.size() + settled.size();
    }

    synchronized long refused() {
        return refused;
    }

    synchronized long evicted() {
        return evicted;
    }
}
