/** What every program does with its process: wait until it is told to stop, and wait before it tries again. */
@NullMarked
package io.tributary.process;

import org.jspecify.annotations.NullMarked;
