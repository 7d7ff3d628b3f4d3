/** What goes wrong between a sensor and its sender: late, duplicate and reordered rows, seeded. */
@NullMarked
package io.tributary.sim.fault;

import org.jspecify.annotations.NullMarked;
