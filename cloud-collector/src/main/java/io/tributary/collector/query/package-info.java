/**
 * Questions about stored readings: one plan for HTTP and gRPC, answered as a stream from the store's blocks.
 *
 * <pre>
 * ReadQuery ------> devices of the catalog -> blocks -> merge by time  ----> RowSink
 * AggregateQuery -> devices of the catalog -> blocks -> header or rows -> accumulators -> WindowSink
 *                              every step asks the QueryRun: time, readings, cancelled?
 * </pre>
 *
 * It reads through {@code ReadingReader} and {@code CatalogReader} only, and knows nothing of how questions arrive.
 */
@NullMarked
package io.tributary.collector.query;

import org.jspecify.annotations.NullMarked;
