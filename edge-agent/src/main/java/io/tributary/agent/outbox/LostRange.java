package io.tributary.agent.outbox;

import io.tributary.model.SequenceRange;

/** Readings that were accepted and will never be sent; kept until the collector has acknowledged that it knows. */
public record LostRange(SequenceRange range, String cause) {}
