package io.tributary.agent.uplink;

import io.tributary.model.SequenceRange;

/** Readings that the collector put to its dead letters: they are acknowledged, but not stored. */
public record Rejected(SequenceRange range, long readings, String cause, String detail) {}
