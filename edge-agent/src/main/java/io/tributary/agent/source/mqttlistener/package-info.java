/**
 * A listener for MQTT 3.1.1 and 5 that only takes readings: sensors publish straight to the agent and need no broker. The
 * only package that knows Netty's MQTT codec; README.md is the reference for whoever writes the other end.
 */
@NullMarked
package io.tributary.agent.source.mqttlistener;

import org.jspecify.annotations.NullMarked;
