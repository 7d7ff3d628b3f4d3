/** Lines that a command prints: one that runs for ever, or one that is run again and again. */
@NullMarked
package io.tributary.agent.source.exec;

import org.jspecify.annotations.NullMarked;
