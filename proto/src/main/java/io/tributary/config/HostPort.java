package io.tributary.config;

import java.net.InetSocketAddress;

/**
 * A host name or address and a port: {@code collector.example:9440}, {@code 127.0.0.1:0}, {@code [::1]:9440}. Nothing is
 * resolved before {@link #address()} asks for it.
 *
 * @param host without brackets
 * @param port 0 to 65535; 0 lets a listener take a free one
 */
public record HostPort(String host, int port) {
    private static final String EXPECTED = "expected host:port, for example 127.0.0.1:9440 or [::1]:9440";

    public HostPort {
        if (host.isEmpty() || host.length() > 255 || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == 0x7f)) {
            throw new IllegalArgumentException(EXPECTED);
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + ", expected 0 to 65535");
        }
    }

    /** @throws IllegalArgumentException saying what is expected, without the value */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || colon == text.length() - 1 || text.length() - colon > 6) {
            throw new IllegalArgumentException(EXPECTED);
        }
        for (int i = colon + 1; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                throw new IllegalArgumentException(EXPECTED);
            }
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed != (host.indexOf(':') >= 0)) {
            throw new IllegalArgumentException(EXPECTED);
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        return new HostPort(bracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    /** Resolves the host: may block on the name service. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    /** True when other machines cannot reach it. Names other than {@code localhost} are not resolved. */
    public boolean isLoopback() {
        return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
    }

    public HostPort withPort(int newPort) {
        return new HostPort(host, newPort);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
