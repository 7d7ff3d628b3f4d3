@NullMarked
package io.tributary.column;

import org.jspecify.annotations.NullMarked;
