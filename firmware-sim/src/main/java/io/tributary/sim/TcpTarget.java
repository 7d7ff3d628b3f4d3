package io.tributary.sim;

import io.tributary.config.HostPort;

/** {@code tcp://host:port}, as the option {@code --to} has it. */
record TcpTarget(HostPort address) {
    private static final String SCHEME = "tcp://";

    static TcpTarget parse(String text) {
        if (!text.startsWith(SCHEME)) {
            throw new IllegalArgumentException("'" + text + "', expected tcp://host:port");
        }
        HostPort address = HostPort.parse(text.substring(SCHEME.length()));
        if (address.port() == 0) {
            throw new IllegalArgumentException("'" + text + "', expected a port from 1 to 65535");
        }
        return new TcpTarget(address);
    }
}
