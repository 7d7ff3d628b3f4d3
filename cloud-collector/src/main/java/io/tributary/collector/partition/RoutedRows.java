package io.tributary.collector.partition;

import org.jspecify.annotations.Nullable;

/**
 * The rows of an append that belong to one partition.
 *
 * @param rows of the whole append
 * @param runs per table the runs of this partition; null when all of {@code rows} belong to it
 */
public record RoutedRows(int partition, Rows rows, TableRuns @Nullable [] runs) {}
