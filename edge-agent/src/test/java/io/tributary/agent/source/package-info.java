@NullMarked
package io.tributary.agent.source;

import org.jspecify.annotations.NullMarked;
