/**
 * Subscribes to an MQTT broker that is there already. The only package that knows Eclipse Paho, and what is missing in it:
 * no acknowledgement before the intake's, a bound on what waits, reconnecting with jitter.
 */
@NullMarked
package io.tributary.agent.source.mqtt;

import org.jspecify.annotations.NullMarked;
