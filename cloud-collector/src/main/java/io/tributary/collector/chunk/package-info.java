/**
 * Immutable, compressed, columnar blocks of one device's readings in one time bucket: what they hold
 * ({@link io.tributary.collector.chunk.RowGroup}) and how they are written and read. Knows nothing of where they lie.
 */
@NullMarked
package io.tributary.collector.chunk;

import org.jspecify.annotations.NullMarked;
