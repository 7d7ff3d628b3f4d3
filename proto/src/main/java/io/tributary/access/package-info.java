/** Bearer tokens: made, kept as hashes, found again, and asked for by HTTP servers. */
@NullMarked
package io.tributary.access;

import org.jspecify.annotations.NullMarked;
