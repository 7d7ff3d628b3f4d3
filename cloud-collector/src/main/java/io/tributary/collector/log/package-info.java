/**
 * The log: what is acknowledged, replayed at a start, and read by subscribers.
 *
 * <pre>
 * SegmentedLog    append, one fsync per group; drops whole segments
 *   Segment       a file: records behind each other, from a position on
 *   LogCursor     goes through them; a damaged stretch is told, and what lies behind it is read
 * LogRecordCodec  a record: what an append or a loss did, with the batch as it was received
 * </pre>
 */
@NullMarked
package io.tributary.collector.log;

import org.jspecify.annotations.NullMarked;
