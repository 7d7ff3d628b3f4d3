package io.tributary.collector.partition;

/**
 * The rows of an append that belong to one partition.
 *
 * @param encoded the batch of {@code rows} as it goes to the log
 * @param ranked the sequences of {@code rows} follow from {@code firstSequence} and the rank of the readings
 * @param readings of {@code rows}
 */
public record RoutedRows(int partition, Rows rows, byte[] encoded, boolean ranked, long firstSequence, long readings) {}
