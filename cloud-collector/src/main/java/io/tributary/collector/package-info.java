/** The program: configuration, wiring, start and stop. */
@NullMarked
package io.tributary.collector;

import org.jspecify.annotations.NullMarked;
