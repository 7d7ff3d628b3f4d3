/** Tests of commands. */
@NullMarked
package io.tributary.agent.command;

import org.jspecify.annotations.NullMarked;
