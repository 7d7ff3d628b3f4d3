package io.tributary.collector.catalog;

import io.tributary.model.ValueType;

/**
 * A channel appeared, or came with another type or unit.
 *
 * @param collectorTimeNs of the first reading that carried it
 */
public record SchemaChange(long collectorTimeNs, ValueType type, String unit) {}
