/** What a simulated device sends: rows of values at one event time, and streams of them. */
@NullMarked
package io.tributary.sim.row;

import org.jspecify.annotations.NullMarked;
