package io.tributary.collector.security;

import org.jspecify.annotations.Nullable;

/**
 * Who is on the other end of a connection.
 *
 * @param address for logs
 * @param agent whom its certificate names; null without one
 */
public record Peer(String address, @Nullable String agent) {}
