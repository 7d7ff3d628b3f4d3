/** The program: configuration, wiring, start and stop. */
@NullMarked
package io.tributary.agent;

import org.jspecify.annotations.NullMarked;
