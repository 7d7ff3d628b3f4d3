@NullMarked
package io.tributary.agent.clock;

import org.jspecify.annotations.NullMarked;
