package io.tributary.sim;

import io.tributary.config.HostPort;
import io.tributary.sim.link.Transport;
import java.util.Locale;

/** {@code tcp://host:port} and its like, as the option {@code --to} has it. */
record Target(Transport transport, HostPort address) {
    static Target parse(String text) {
        for (Transport transport : Transport.values()) {
            String scheme = transport.name().toLowerCase(Locale.ROOT) + "://";
            if (text.startsWith(scheme)) {
                HostPort address = HostPort.parse(text.substring(scheme.length()));
                if (address.port() == 0) {
                    throw new IllegalArgumentException("'" + text + "', expected a port from 1 to 65535");
                }
                return new Target(transport, address);
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "', expected tcp://host:port, udp://..., http://... or mqtt://...");
    }
}
