/** Measurements run by hand; nothing here asserts or runs in the build. */
@NullMarked
package io.tributary.bench;

import org.jspecify.annotations.NullMarked;
