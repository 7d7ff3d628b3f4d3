@NullMarked
package io.tributary.sim.fault;

import org.jspecify.annotations.NullMarked;
