@NullMarked
package io.tributary.sim;

import org.jspecify.annotations.NullMarked;
