@NullMarked
package io.tributary.listen;

import org.jspecify.annotations.NullMarked;
