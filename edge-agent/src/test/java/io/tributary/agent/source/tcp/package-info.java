@NullMarked
package io.tributary.agent.source.tcp;

import org.jspecify.annotations.NullMarked;
