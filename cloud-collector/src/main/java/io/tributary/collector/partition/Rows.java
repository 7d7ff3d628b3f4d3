package io.tributary.collector.partition;

import io.tributary.model.Batch;

/**
 * Rows of one origin with their place in its sequence.
 *
 * @param batch may be without tables
 * @param sequences per table, per row, the sequence of the row's first reading; the others of the row follow it
 */
public record Rows(Batch batch, long[][] sequences) {}
