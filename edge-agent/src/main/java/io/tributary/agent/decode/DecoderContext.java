package io.tributary.agent.decode;

import io.tributary.agent.clock.Clock;

/**
 * What a decoder needs of its surroundings.
 *
 * @param source the name of the source it works for; label of its metrics
 * @param clock for times that are relative to the arrival
 * @param rebirth told when a Sparkplug node has to introduce itself again
 */
public record DecoderContext(String source, Clock clock, DecodeMetrics metrics, RebirthListener rebirth) {}
