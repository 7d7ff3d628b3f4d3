/** Commands from the collector: carried out once, by whatever ends in the middle, with a result that says which. */
@NullMarked
package io.tributary.agent.command;

import org.jspecify.annotations.NullMarked;
