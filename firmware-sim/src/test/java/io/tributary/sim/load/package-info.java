@NullMarked
package io.tributary.sim.load;

import org.jspecify.annotations.NullMarked;
