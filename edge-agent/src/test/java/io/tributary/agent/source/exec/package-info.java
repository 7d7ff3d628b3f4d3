/** Tests. */
@NullMarked
package io.tributary.agent.source.exec;

import org.jspecify.annotations.NullMarked;
