package io.tributary.deploy;

import java.io.IOException;

/** A link of 2 Mbit/s and 50 ms each way between an agent and its collector. */
interface BadLink extends AutoCloseable {
    int KBIT_PER_SECOND = 2_000;
    int DELAY_MILLIS = 50;

    /** Where the agent connects to, from {@link #leadTo} on. */
    String address();

    /** The collector's port on the loopback address. */
    void leadTo(int port) throws IOException;

    /** Carried towards the collector so far, with whatever headers the link can see. */
    long bytesUp() throws IOException;

    @Override
    void close() throws IOException;

    /** Of packets, in kernels' TCP: {@code deploy/link}. */
    final class Packets implements BadLink {
        private final PacketLink link;

        Packets(Installation installation, int port, double lossPercent) throws IOException {
            this.link = new PacketLink(installation, port, KBIT_PER_SECOND, DELAY_MILLIS, lossPercent);
        }

        @Override
        public String address() {
            return link.address();
        }

        @Override
        public void leadTo(int port) {
            // It has led there from its start.
        }

        @Override
        public long bytesUp() throws IOException {
            return link.bytesUp();
        }

        @Override
        public void close() throws IOException {
            link.close();
        }
    }

    /** Of a stream: a proxy, which needs no rights; a lost segment is a standstill of 200 ms. */
    final class Stream implements BadLink {
        private final LinkProxy link;

        Stream(double lossPercent) throws IOException {
            this.link = new LinkProxy(KBIT_PER_SECOND * 125L, DELAY_MILLIS, lossPercent);
        }

        @Override
        public String address() {
            return "127.0.0.1:" + link.port();
        }

        @Override
        public void leadTo(int port) {
            link.leadTo(port);
        }

        @Override
        public long bytesUp() {
            return link.bytesUp();
        }

        @Override
        public void close() throws IOException {
            link.close();
        }
    }
}
