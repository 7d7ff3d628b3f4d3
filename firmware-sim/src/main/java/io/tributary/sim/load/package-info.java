/**
 * Load on a collector without an agent between: batches encoded before the clock starts, sent as agents send them. Only
 * this package and the link know the generated classes.
 */
@NullMarked
package io.tributary.sim.load;

import org.jspecify.annotations.NullMarked;
