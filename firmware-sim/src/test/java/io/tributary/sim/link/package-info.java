@NullMarked
package io.tributary.sim.link;

import org.jspecify.annotations.NullMarked;
