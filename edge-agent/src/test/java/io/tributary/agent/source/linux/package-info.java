/** Tests. */
@NullMarked
package io.tributary.agent.source.linux;

import org.jspecify.annotations.NullMarked;
