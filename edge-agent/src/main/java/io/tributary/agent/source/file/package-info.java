/** Lines of a growing file, with a durable position of its own: each is taken once, whatever is killed when. */
@NullMarked
package io.tributary.agent.source.file;

import org.jspecify.annotations.NullMarked;
