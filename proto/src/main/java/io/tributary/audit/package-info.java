/** Who did what, and how it ended: a file for operators, not for debugging. */
@NullMarked
package io.tributary.audit;

import org.jspecify.annotations.NullMarked;
