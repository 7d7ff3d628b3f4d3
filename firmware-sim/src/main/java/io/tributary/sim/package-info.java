/** The program: sub-commands wire rows, link and ledger, and say what came of it. */
@NullMarked
package io.tributary.sim;

import org.jspecify.annotations.NullMarked;
