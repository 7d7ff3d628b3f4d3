/** The demonstration and what it shares with the end-to-end tests: starting, watching and stopping real programs. */
@NullMarked
package io.tributary.deploy;

import org.jspecify.annotations.NullMarked;
