/** What every program does with its process: wait until it is told to stop. */
@NullMarked
package io.tributary.process;

import org.jspecify.annotations.NullMarked;
