/**
 * The words of the domain as values: readings travel as a columnar {@link io.tributary.model.Batch}; {@link
 * io.tributary.model.BatchCodec} is the only door between batches and bytes.
 */
@NullMarked
package io.tributary.model;

import org.jspecify.annotations.NullMarked;
