/** Tests. */
@NullMarked
package io.tributary.agent.source.http;

import org.jspecify.annotations.NullMarked;
