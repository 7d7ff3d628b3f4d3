package io.tributary.deploy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that mean harm, all on one thread: each holds its connection for as long as the server lets it, and comes back.
 * Only sockets of this machine, only programs that the caller has started.
 */
final class Flood implements AutoCloseable {
    /** What one client does. */
    enum Kind {
        /** Connects and says nothing. */
        SILENT,
        /** Sends its first bytes one by one. */
        TRICKLE,
        /** Connects and is gone. */
        CHURN
    }

    /**
     * So many clients of a kind.
     *
     * @param first what a trickling client says, over and over in its last byte
     */
    record Attack(Kind kind, int port, int clients, byte[] first) {}

    private static final long TICK_NANOS = 20_000_000;
    /** Of one kind per tick: as much as a server's backlog takes. */
    static final int FAST = 20;

    /** As many a second as a busy test machine has handshakes. */
    static final int SLOW = 1;

    /** Whether the server has ended a connection is looked at every so many ticks: a call of the system each. */
    private static final int LOOK_TICKS = 5;

    private static final long STRIDE = 61;

    /** A trickling client sends a byte every so many ticks. */
    private static final int TRICKLE_TICKS = 10;

    private final List<Client> clients = new ArrayList<>();
    private final Map<Kind, AtomicLong> opened = new EnumMap<>(Kind.class);
    private final Map<Kind, AtomicLong> ended = new EnumMap<>(Kind.class);
    private final Thread thread = new Thread(this::run, "flood");
    private final int openedPerTick;
    private final InetAddress from;
    private volatile boolean closing;

    /**
     * @param from an address of this machine: a server can tell the flood from others who come from another one
     * @param openedPerTick connections of a kind in 20 ms at most
     */
    Flood(List<Attack> attacks, InetAddress from, int openedPerTick) {
        this.from = from;
        this.openedPerTick = openedPerTick;
        for (Kind kind : Kind.values()) {
            opened.put(kind, new AtomicLong());
            ended.put(kind, new AtomicLong());
        }
        for (Attack attack : attacks) {
            for (int i = 0; i < attack.clients(); i++) {
                clients.add(new Client(attack, i));
            }
        }
        thread.setDaemon(true);
    }

    Flood start() {
        thread.start();
        return this;
    }

    /** Connections made so far. */
    long opened(Kind kind) {
        return of(opened, kind);
    }

    /** Of them, those that the server ended. */
    long endedByServer(Kind kind) {
        return of(ended, kind);
    }

    private static long of(Map<Kind, AtomicLong> counters, Kind kind) {
        AtomicLong counter = counters.get(kind);
        return counter == null ? 0 : counter.get();
    }

    private static void count(Map<Kind, AtomicLong> counters, Kind kind) {
        counters.computeIfAbsent(kind, absent -> new AtomicLong()).incrementAndGet();
    }

    private void run() {
        long tick = 0;
        while (!closing) {
            Map<Kind, Integer> left = new EnumMap<>(Kind.class);
            // Another one first each time: those who come back at one port keep nobody from the next.
            for (int i = 0; i < clients.size(); i++) {
                clients.get((int) ((i + tick * STRIDE) % clients.size())).step(tick, left);
            }
            tick++;
            LockSupport.parkNanos(TICK_NANOS);
        }
        clients.forEach(Client::close);
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection after the other. Of the flood's thread. */
    private final class Client {
        private final Attack attack;
        private final int turn;
        private final ByteBuffer heard = ByteBuffer.allocate(4096);
        private SocketChannel socket;
        private int sent;

        @SuppressWarnings("NullAway") // null between two connections
        Client(Attack attack, int turn) {
            this.turn = turn;
            this.attack = attack;
            this.socket = null;
        }

        void step(long tick, Map<Kind, Integer> opening) {
            try {
                if (socket == null) {
                    if (opening.merge(attack.kind(), 1, Integer::sum) <= openedPerTick) {
                        open();
                    }
                } else if (attack.kind() == Kind.CHURN) {
                    close();
                } else if ((tick + turn) % LOOK_TICKS == 0 && isOver()) {
                    count(ended, attack.kind());
                    close();
                } else if (attack.kind() == Kind.TRICKLE && tick % TRICKLE_TICKS == 0) {
                    byte[] bytes = attack.first();
                    socket.write(ByteBuffer.wrap(bytes, Math.min(sent++, bytes.length - 1), 1));
                }
            } catch (IOException e) {
                count(ended, attack.kind()); // reset
                close();
            }
        }

        private void open() throws IOException {
            SocketChannel made = SocketChannel.open();
            made.setOption(StandardSocketOptions.SO_LINGER, 0); // no port is left waiting behind thousands of them
            made.bind(new InetSocketAddress(from, 0));
            made.connect(new InetSocketAddress("127.0.0.1", attack.port()));
            made.configureBlocking(false);
            socket = made;
            sent = 0;
            count(opened, attack.kind());
        }

        private boolean isOver() throws IOException {
            heard.clear();
            int count = socket.read(heard);
            while (count > 0) {
                heard.clear();
                count = socket.read(heard);
            }
            return count < 0;
        }

        @SuppressWarnings("NullAway") // null between two connections
        private void close() {
            SocketChannel open = socket;
            socket = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    throw new IllegalStateException("BUG: a socket cannot be closed", e);
                }
            }
        }
    }

    /** Beginnings that a listener has to wait for the rest of. */
    static byte[] beginning(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** Of a TLS handshake: the header of a record of 512 bytes, and of the hello in it. */
    static byte[] tlsBeginning() {
        return beginning("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\u0000");
    }
}
