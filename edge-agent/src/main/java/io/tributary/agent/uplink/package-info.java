/**
 * How readings leave the agent.
 *
 * <pre>
 * Outbox --read--> Forwarder --send--> Uplink session ==> collector
 *    ^---free----     |    <--ranges--        <==
 * </pre>
 *
 * The {@link Forwarder} decides what is sent and freed; an {@link Uplink} only carries it. Generated classes and gRPC stay
 * in {@link GrpcUplink}.
 */
@NullMarked
package io.tributary.agent.uplink;

import org.jspecify.annotations.NullMarked;
