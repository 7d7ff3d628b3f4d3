/**
 * The write side as its callers see it: who sends ({@link io.tributary.collector.partition.Origin}), what is appended,
 * and which partition a device belongs to.
 */
@NullMarked
package io.tributary.collector.partition;

import org.jspecify.annotations.NullMarked;
