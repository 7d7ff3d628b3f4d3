package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;

/** @param value a column of this one value, with its quality */
public record LatestReading(
        String device, Channel channel, long eventTimeNs, long edgeTimeNs, long collectorTimeNs, Column value) {}
