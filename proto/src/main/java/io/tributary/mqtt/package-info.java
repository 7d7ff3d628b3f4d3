/**
 * Connections to an MQTT broker, over the Paho clients, which no other package sees. A program that uses this package
 * brings the two libraries.
 *
 * <p>What is done about the libraries' traps: a client is used for one connection, as what it remembers of an earlier one
 * is not to be relied on; reconnecting is the owner's; acknowledging is manual; a {@code publish} throws when the broker's
 * window is full, so {@link io.tributary.mqtt.BrokerLink#window} tells its size.
 */
@NullMarked
package io.tributary.mqtt;

import org.jspecify.annotations.NullMarked;
