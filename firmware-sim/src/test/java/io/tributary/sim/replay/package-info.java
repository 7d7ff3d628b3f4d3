@NullMarked
package io.tributary.sim.replay;

import org.jspecify.annotations.NullMarked;
