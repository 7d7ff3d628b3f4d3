/** The harness, and end-to-end tests with real processes (named {@code *IT}). */
@NullMarked
package io.tributary.deploy;

import org.jspecify.annotations.NullMarked;
