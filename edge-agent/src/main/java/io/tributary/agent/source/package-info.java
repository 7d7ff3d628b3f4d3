/** Where readings come from, and the door they come in by. A protocol is a package below, which sees only this one. */
@NullMarked
package io.tributary.agent.source;

import org.jspecify.annotations.NullMarked;
