package io.tributary.sim.link;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One socket of a link; the fields that change are guarded by the lock of its {@link DeliveryWindow}. */
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Socket socket;
    boolean broken;

    @Nullable
    IOException error;

    /** Since when an answer is due, when anything is in flight. */
    long waitingSinceNanos;

    Connection(Socket socket) {
        this.socket = socket;
    }

    /** Ends whatever its threads are blocked in. */
    void breakOff() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing {}", socket, e);
        }
    }

    /** Asked now and then while nothing comes. */
    @FunctionalInterface
    interface StallCheck {
        /** @throws SocketTimeoutException when it has taken too long */
        void check() throws SocketTimeoutException;
    }

    /** The socket's input, on which read timeouts only ask whether it has taken too long; no byte is lost by them. */
    InputStream patientInput(StallCheck stalled) throws IOException {
        return new FilterInputStream(socket.getInputStream()) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                while (true) {
                    try {
                        return in.read(target, from, length);
                    } catch (SocketTimeoutException e) {
                        stalled.check();
                    }
                }
            }
        };
    }
}
