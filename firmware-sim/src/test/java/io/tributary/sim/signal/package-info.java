@NullMarked
package io.tributary.sim.signal;

import org.jspecify.annotations.NullMarked;
