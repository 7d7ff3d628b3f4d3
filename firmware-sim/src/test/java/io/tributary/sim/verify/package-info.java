@NullMarked
package io.tributary.sim.verify;

import org.jspecify.annotations.NullMarked;
