/** What time it is at the agent, and how far that is from the collector's time. */
@NullMarked
package io.tributary.agent.clock;

import org.jspecify.annotations.NullMarked;
