/**
 * Self-describing encodings of one column of values, shared by the wire batch and the collector's chunks. The first
 * byte of an encoded column names its encoding; the number of values is known to the reader from elsewhere. Layouts are
 * drawn in {@code proto/FORMAT.md}.
 */
@NullMarked
package io.tributary.column;

import org.jspecify.annotations.NullMarked;
