/** What simulated devices measure: seeded signals, the same for the same seed. */
@NullMarked
package io.tributary.sim.signal;

import org.jspecify.annotations.NullMarked;
