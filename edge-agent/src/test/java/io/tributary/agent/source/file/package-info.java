/** Tests. */
@NullMarked
package io.tributary.agent.source.file;

import org.jspecify.annotations.NullMarked;
